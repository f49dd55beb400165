import { xml } from '@xmpp/component';
import type { StanzaCondition, StanzaError } from '../bridge/stanza.ts';
import { attrOf, type Element, elementsOf } from './element.ts';
import { renderError } from './render.ts';
import { parseRoute, type Route } from './route.ts';

/** A question that came in; `payload` is its one child. */
export type IqRequest = Omit<Route, 'id'> & {
  readonly type: 'get' | 'set';
  readonly id: string;
  readonly lang: string | undefined;
  readonly payload: Element;
};

/** What a handler says: a payload, nothing (an empty result), or an error. */
export type IqReply =
  | { readonly kind: 'result'; readonly payload?: Element }
  | { readonly kind: 'error'; readonly error: StanzaError };

export type IqHandler = {
  readonly type: 'get' | 'set';
  readonly name: string;
  readonly namespace: string;
  readonly answer: (request: IqRequest) => IqReply | Promise<IqReply>;
};

export type IqDeps = {
  readonly handlers: readonly IqHandler[];
  /** For what a handler throws: the only trace of it. */
  readonly onProblem: (problem: string, error: unknown) => void;
};

/** A handler that takes longer than this is answered for (milliseconds). */
export const IQ_TIMEOUT = 30_000;

/**
 * The one answer to an iq (RFC 6120 8.2.3): undefined for results and errors, which are never answered, and
 * for an iq that says no usable sender. Never rejects. No handler: `service-unavailable`; a handler that
 * throws: `internal-server-error`; one that hangs: `remote-server-timeout`.
 */
export const answerIq = async (
  deps: IqDeps,
  iq: Element,
  timeoutMs = IQ_TIMEOUT,
): Promise<Element | undefined> => {
  const type = attrOf(iq, 'type', 20);
  if (type === 'result' || type === 'error') return undefined;
  const route = parseRoute(iq);
  if (route === undefined) return undefined;
  const request = parseRequest(iq, route, type);
  return renderReply(
    iq,
    request === undefined
      ? iqError('bad-request', 'modify', 'This request is not well formed.')
      : await ask(deps, request, timeoutMs),
  );
};

/** An error with its sentence, as handlers return it. */
export const iqError = (condition: StanzaCondition, type: StanzaError['type'], text: string): IqReply => ({
  kind: 'error',
  error: { condition, type, text, lang: 'en' },
});

/** RFC 6120 8.2.3: type get or set, an id, exactly one child. */
const parseRequest = (iq: Element, route: Route, type: string | undefined): IqRequest | undefined => {
  const [payload, ...more] = elementsOf(iq);
  const { id } = route;
  if (type !== 'get' && type !== 'set') return undefined;
  if (payload === undefined || more.length > 0 || id === undefined) return undefined;
  return { ...route, id, type, lang: attrOf(iq, 'xml:lang', 71), payload };
};

const ask = async (deps: IqDeps, request: IqRequest, timeoutMs: number): Promise<IqReply> => {
  const { payload, type } = request;
  const handler = deps.handlers.find(
    (candidate) =>
      candidate.type === type &&
      candidate.name === payload.getName() &&
      candidate.namespace === payload.getNS(),
  );
  if (handler === undefined)
    return iqError('service-unavailable', 'cancel', 'This address offers no such thing.');
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<IqReply>((resolve) => {
    timer = setTimeout(() => {
      deps.onProblem('an iq handler did not answer in time', handler.namespace);
      resolve(iqError('remote-server-timeout', 'wait', 'This took too long. Please try again.'));
    }, timeoutMs);
  });
  try {
    return await Promise.race([handler.answer(request), tooLate]);
  } catch (error) {
    deps.onProblem('an iq handler failed', error);
    return iqError('internal-server-error', 'wait', 'The gateway made a mistake. Please try again later.');
  } finally {
    clearTimeout(timer);
  }
};

/** From the address that was asked, to who asked, both as they were spelled, with the same id. */
export const renderReply = (iq: Element, reply: IqReply): Element => {
  const { id, from, to } = iq.attrs;
  const attrs = { id, from: to, to: from, type: reply.kind };
  return xml('iq', attrs, reply.kind === 'error' ? renderError(reply.error) : reply.payload);
};
