import type { RemoteActor } from './actor.ts';
import { htmlToText } from './html-to-text.ts';
import { parseJid } from './jid.ts';
import { done, type Outcome, refuse } from './outcome.ts';

/** What the admin decided, for all alike. Lists that may grow long stay in the database: see `Asked`. */
export type Rules = {
  readonly homeDomains: readonly string[];
  /** Other XMPP domains whose users may use the gateway. */
  readonly allowedDomains: readonly string[];
  readonly registration: 'open' | 'request' | 'closed';
};

/** One thing that an XMPP user asks of a Fediverse actor. */
export type Asked = {
  /** `first-message`: nobody wrote in this chat before. An answer is a `message`. */
  readonly act: 'message' | 'first-message' | 'follow';
  /** Any form of the sender's JID. */
  readonly sender: string;
  readonly registered: boolean;
  readonly recipient: Pick<RemoteActor, 'handle' | 'summary' | 'bridgeable'>;
  /** The admin blocked the recipient's host. */
  readonly hostBlocked: boolean;
  /** The person blocked the sender. */
  readonly blockedByPerson: boolean;
  /** The sender blocked the person. */
  readonly blockedByUser: boolean;
};

const NO_BRIDGE = /(?<![\p{L}\p{N}_])#nobridge(?![\p{L}\p{N}_])/iu;

/**
 * True where the person asks not to be bridged: `bridgeable: false` (FEP-0036), or `#nobridge` as a word of
 * the bio. It holds for what begins here, not for answers to what that person began.
 */
export const refusesBridging = (actor: Pick<RemoteActor, 'summary' | 'bridgeable'>): boolean =>
  actor.bridgeable === false || NO_BRIDGE.test(htmlToText(actor.summary ?? ''));

/** Whether an XMPP user may use the gateway at all: the domain first, then the registration. */
export const permitSender = (rules: Rules, sender: string, registered: boolean): Outcome<void> => {
  const { local = '', domain = '' } = parseJid(sender) ?? {};
  // A server speaks too, and a component or a room below it; none of them is a person.
  if (local === '') return refuse('domain-not-allowed');
  const isHome = rules.homeDomains.includes(domain);
  if (!isHome && !rules.allowedDomains.includes(domain)) return refuse('domain-not-allowed');
  return registered || rules.registration === 'open' ? done(undefined) : refuse('not-registered');
};

/**
 * Decides whether what was asked may be carried. Who may not use the gateway learns nothing about the
 * person; a block by the person is told as such (`blocked-by-person`), every rule of ours as `policy`.
 */
export const permit = (rules: Rules, asked: Asked): Outcome<void> => {
  const sender = permitSender(rules, asked.sender, asked.registered);
  if (!sender.ok) return sender;
  const { host } = asked.recipient.handle;
  if (asked.blockedByPerson) return refuse('blocked-by-person', { host });
  if (asked.blockedByUser || asked.hostBlocked) return refuse('policy', { host });
  const begins = asked.act !== 'message';
  return begins && refusesBridging(asked.recipient) ? refuse('policy', { host }) : done(undefined);
};
