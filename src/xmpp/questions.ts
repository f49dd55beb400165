import { xml } from '@xmpp/component';
import { addresseeOf } from './addressee.ts';
import type { Element } from './element.ts';
import { type IqHandler, type IqReply, type IqRequest, iqError } from './iq.ts';
import { NS } from './namespaces.ts';

export type QuestionDeps = {
  /** The component's own JID. */
  readonly domain: string;
  readonly now: () => Date;
  /** When this process began. */
  readonly startedAt: Date;
};

/**
 * Questions that clients ask without a person's wish, each with an answer at once: XEP-0012, XEP-0202, and what
 * only the owner of a node may do (XEP-0060).
 */
export const questionHandlers = (deps: QuestionDeps): readonly IqHandler[] => [
  { type: 'get', name: 'query', namespace: NS.last, answer: (request) => answerLast(deps, request) },
  { type: 'get', name: 'time', namespace: NS.time, answer: (request) => answerTime(deps, request) },
  { type: 'set', name: 'pubsub', namespace: NS.pubsub, answer: () => notYours },
];

const notYours = iqError('forbidden', 'auth', 'Nothing can be published or subscribed to here.');
const unknown = iqError('service-unavailable', 'cancel', 'The Fediverse does not tell this.');

const result = (payload: Element): IqReply => ({ kind: 'result', payload });

/** XEP-0012 4: of a component, how long it has been running. When a contact was last there, nobody tells. */
const answerLast = ({ domain, now, startedAt }: QuestionDeps, { to }: IqRequest): IqReply => {
  if (addresseeOf(domain, to).kind !== 'gateway') return unknown;
  const seconds = Math.max(0, Math.floor((now().getTime() - startedAt.getTime()) / 1_000));
  return result(xml('query', { xmlns: NS.last, seconds: String(seconds) }));
};

/** XEP-0202: in UTC; where a contact lives is nobody's business. */
const answerTime = ({ domain, now }: QuestionDeps, { to }: IqRequest): IqReply =>
  addresseeOf(domain, to).kind === 'gateway'
    ? result(xml('time', { xmlns: NS.time }, xml('tzo', {}, '+00:00'), xml('utc', {}, now().toISOString())))
    : unknown;
