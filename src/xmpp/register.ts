import { xml } from '@xmpp/component';
import type { Outcome, Refusal } from '../bridge/outcome.ts';
import type { StanzaError } from '../bridge/stanza.ts';
import { addresseeOf } from './addressee.ts';
import { childOf, elementsOf } from './element.ts';
import { type IqHandler, type IqReply, type IqRequest, iqError } from './iq.ts';
import { NS } from './namespaces.ts';

/** How somebody stands: with the handle where registered. `text` says it to the person. */
export type AccountState = { readonly isRegistered: boolean; readonly text: string };

export type RegisterDeps = {
  /** The component's own JID. */
  readonly domain: string;
  readonly toError: (refusal: Refusal, lang: string | undefined) => StanzaError;
  /** All three by bare JID. */
  readonly look: (jid: string) => Promise<Outcome<AccountState>>;
  readonly register: (jid: string) => Promise<Outcome<unknown>>;
  readonly remove: (jid: string) => Promise<Outcome<unknown>>;
};

const elsewhere = iqError('service-unavailable', 'cancel', 'Please ask the gateway itself.');
const notAlone = iqError('bad-request', 'modify', 'To leave and to register at once is not possible.');

/**
 * XEP-0077 at the gateway's own JID: `get` tells how somebody stands, `set` registers (there is nothing to fill in),
 * `<remove/>` leaves (3.2). Who asks is whom the server says, so there is neither a name nor a password.
 */
export const registerHandlers = (deps: RegisterDeps): readonly IqHandler[] => {
  const query = { name: 'query', namespace: NS.register } as const;
  const atGateway =
    (answer: (request: IqRequest) => Promise<IqReply>): IqHandler['answer'] =>
    (request) =>
      addresseeOf(deps.domain, request.to).kind === 'gateway' ? answer(request) : elsewhere;
  return [
    { ...query, type: 'get', answer: atGateway((request) => answerGet(deps, request)) },
    { ...query, type: 'set', answer: atGateway((request) => answerSet(deps, request)) },
  ];
};

const answerGet = async (deps: RegisterDeps, request: IqRequest): Promise<IqReply> => {
  const found = await deps.look(request.fromBare);
  if (!found.ok) return { kind: 'error', error: deps.toError(found.refusal, request.lang) };
  const { isRegistered, text } = found.value;
  return {
    kind: 'result',
    payload: xml(
      'query',
      { xmlns: NS.register },
      ...(isRegistered ? [xml('registered')] : []),
      xml('instructions', {}, text),
    ),
  };
};

const answerSet = async (deps: RegisterDeps, request: IqRequest): Promise<IqReply> => {
  const { payload, fromBare, lang } = request;
  const isRemoval = childOf(payload, 'remove', NS.register) !== undefined;
  if (isRemoval && elementsOf(payload).length > 1) return notAlone;
  const outcome = await (isRemoval ? deps.remove(fromBare) : deps.register(fromBare));
  return outcome.ok ? { kind: 'result' } : { kind: 'error', error: deps.toError(outcome.refusal, lang) };
};
