import { xml } from '@xmpp/component';
import type { Handle } from '../bridge/actor.ts';
import type { Outcome, Refusal } from '../bridge/outcome.ts';
import type { StanzaError } from '../bridge/stanza.ts';
import { addresseeOf } from './addressee.ts';
import type { Caps, EntityCaps } from './caps.ts';
import { renderForm } from './data-form.ts';
import { attrOf, type Element } from './element.ts';
import { contactInfo, type DiscoInfo, type GatewayFacts, gatewayInfo } from './features.ts';
import { type IqHandler, type IqReply, type IqRequest, iqError } from './iq.ts';
import { NS } from './namespaces.ts';

export type DiscoDeps = {
  /** The component's own JID. */
  readonly domain: string;
  readonly version: string;
  readonly facts: GatewayFacts;
  readonly caps: EntityCaps;
  /** Finds the person behind a contact's address, looked up where nobody knows them yet. */
  readonly findPerson: (asker: string, handle: Handle) => Promise<Outcome<unknown>>;
  readonly toError: (refusal: Refusal, lang: string | undefined) => StanzaError;
};

/** The questions that every entity answers: XEP-0030, XEP-0092 and XEP-0199, for the gateway and its contacts. */
export const discoHandlers = (deps: DiscoDeps): readonly IqHandler[] => [
  { type: 'get', name: 'query', namespace: NS.discoInfo, answer: (request) => answerInfo(deps, request) },
  { type: 'get', name: 'query', namespace: NS.discoItems, answer: (request) => answerItems(deps, request) },
  { type: 'get', name: 'ping', namespace: NS.ping, answer: (request) => answerPing(deps, request) },
  { type: 'get', name: 'query', namespace: NS.version, answer: (request) => answerVersion(deps, request) },
];

const nobody = iqError('service-unavailable', 'cancel', 'There is nobody at this address.');
const noVersion = iqError(
  'service-unavailable',
  'cancel',
  'Which client a person of the Fediverse uses is not known here.',
);
const noNode = iqError('item-not-found', 'cancel', 'There is no such node here.');

/**
 * Of a contact the caps' node is answered at once, since it says the same of all; without a node the question is
 * whether there is such a person, and that is looked up.
 */
const answerInfo = async (deps: DiscoDeps, request: IqRequest): Promise<IqReply> => {
  const addressee = addresseeOf(deps.domain, request.to);
  if (addressee.kind === 'nobody') return isBelow(deps.domain, request) ? mistaken(deps, request) : nobody;
  const node = attrOf(request.payload, 'node');
  if (node !== undefined && node !== nodeOf(deps.caps[addressee.kind])) return noNode;
  if (addressee.kind === 'gateway') return infoReply(gatewayInfo(deps.facts), node);
  if (node !== undefined) return infoReply(contactInfo, node);
  const found = await deps.findPerson(request.fromBare, addressee.handle);
  if (!found.ok) return { kind: 'error', error: deps.toError(found.refusal, request.lang) };
  return infoReply(contactInfo, node);
};

/** A bare address below the gateway that can be nobody's: typed wrongly, perhaps. */
const isBelow = (domain: string, { to }: IqRequest): boolean => to.endsWith(`@${domain}`);

const mistaken = ({ toError }: DiscoDeps, { lang }: IqRequest): IqReply => ({
  kind: 'error',
  error: toError({ reason: 'malformed-address' }, lang),
});

const infoReply = (info: DiscoInfo, node: string | undefined): IqReply => ({
  kind: 'result',
  payload: renderInfo(info, node),
});

/** Neither the gateway nor a contact lists anything: who is talked to is nobody else's business. */
const answerItems = (deps: DiscoDeps, request: IqRequest): IqReply => {
  if (addresseeOf(deps.domain, request.to).kind === 'nobody') return nobody;
  const node = attrOf(request.payload, 'node');
  // Clients ask every address for commands: none is an answer, not an error (XEP-0050 3.1).
  return node === undefined || node === NS.commands
    ? { kind: 'result', payload: xml('query', { xmlns: NS.discoItems, node }) }
    : noNode;
};

const answerPing = (deps: DiscoDeps, request: IqRequest): IqReply =>
  addresseeOf(deps.domain, request.to).kind === 'nobody' ? nobody : { kind: 'result' };

/** XEP-0092: name and version; no operating system, which helps nobody but an attacker. */
const answerVersion = (deps: DiscoDeps, request: IqRequest): IqReply => {
  const { kind } = addresseeOf(deps.domain, request.to);
  if (kind !== 'gateway') return kind === 'nobody' ? nobody : noVersion;
  const payload = xml(
    'query',
    { xmlns: NS.version },
    xml('name', {}, 'Causeway'),
    xml('version', {}, deps.version),
  );
  return { kind: 'result', payload };
};

/** XEP-0115 6.2: who saw the caps asks for this node, and is answered with what was hashed. */
const nodeOf = ({ node, ver }: Caps): string => `${node}#${ver}`;

const renderInfo = (info: DiscoInfo, node: string | undefined): Element =>
  xml(
    'query',
    { xmlns: NS.discoInfo, node },
    ...info.identities.map(({ category, type, name }) => xml('identity', { category, type, name })),
    ...info.features.map((feature) => xml('feature', { var: feature })),
    ...(info.forms ?? []).map(({ formType, fields }) =>
      renderForm({
        kind: 'result',
        formType,
        fields: fields.map(({ name, values }) => ({ name, type: 'list-multi', values })),
      }),
    ),
  );
