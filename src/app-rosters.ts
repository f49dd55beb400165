import { parseJid } from './bridge/jid.ts';
import type { Log } from './log.ts';
import type { Element } from './xmpp/element.ts';
import type { Advertised } from './xmpp/privileges.ts';
import { findRosterItem, renderRosterGet, renderRosterSet } from './xmpp/roster-item.ts';
import type { Roundtrips } from './xmpp/roundtrips.ts';

const ANSWER_MS = 10_000;
/** What waits beyond this is forgotten: a name in a roster is a comfort and no more. */
const MAX_WAITING = 1_000;
const GROUP = 'Fediverse';

export type RosterNamer = {
  /** A server said what the gateway may do with the rosters of its users. */
  readonly onPrivileges: (advertised: Advertised) => void;
  /** The stream is gone: what was allowed on it is not any more. */
  readonly forget: () => void;
  /** Whether the server of this user lets us ask in their name for something of this namespace. */
  readonly mayAsk: (userJid: string, namespace: string) => boolean;
  /** Names a contact in a user's roster, soon, where the server allows it and the user has not. */
  readonly name: (userJid: string, contact: string, name: string) => void;
};

type Wish = { readonly userJid: string; readonly contact: string; readonly name: string };

/**
 * Writes names and a group into rosters of users without a question (XEP-0356 4.3), where their server said that this
 * is allowed; nothing of the kind is ever written to a server that did not. Only an item that is there and has no name
 * is changed, one after the other.
 */
export const createRosterNamer = ({
  homeDomains,
  question,
  log,
}: {
  readonly homeDomains: readonly string[];
  readonly question: Roundtrips['question'];
  readonly log: Pick<Log, 'info'>;
}): RosterNamer => {
  const allowed = new Set<string>();
  const questions = new Map<string, ReadonlySet<string>>();
  const waiting: Wish[] = [];
  /** Whose roster was being read when the stream ended: it may be what ended it, larger than any stanza may be. */
  const avoided = new Set<string>();
  let reading: string | undefined;
  let isWorking = false;

  const isAllowed = (jid: string): boolean => allowed.has(parseJid(jid)?.domain ?? '');
  const ask = (type: 'get' | 'set', to: string, payload: Element): Promise<Element | undefined> =>
    question({ type, to, payload }, ANSWER_MS);
  const fulfil = async ({ userJid, contact, name }: Wish): Promise<void> => {
    if (!isAllowed(userJid)) return;
    reading = userJid;
    const answer = await ask('get', userJid, renderRosterGet());
    reading = undefined;
    const item = findRosterItem(answer, contact);
    if (item === undefined || item.name !== undefined || !isAllowed(userJid)) return;
    const groups = item.groups.length === 0 ? [GROUP] : item.groups;
    await ask('set', userJid, renderRosterSet(contact, { name, groups }));
  };
  const work = async (): Promise<void> => {
    isWorking = true;
    for (let wish = waiting.shift(); wish !== undefined; wish = waiting.shift()) await fulfil(wish);
    isWorking = false;
  };
  return {
    onPrivileges: ({ domain, roster, version, questions: asked }) => {
      if (!homeDomains.includes(domain)) return;
      log.info('privileges', { domain, roster, version });
      questions.set(domain, asked);
      // COMPAT ejabberd before 23.10 speaks version 1 alone, and closes the stream at a roster set.
      if (roster === 'both' && version === 2) allowed.add(domain);
      else allowed.delete(domain);
    },
    forget: () => {
      if (reading !== undefined) avoided.add(reading);
      allowed.clear();
      questions.clear();
      waiting.length = 0;
    },
    mayAsk: (userJid, namespace) => questions.get(parseJid(userJid)?.domain ?? '')?.has(namespace) === true,
    name: (userJid, contact, name) => {
      if (!isAllowed(userJid) || avoided.has(userJid) || waiting.length >= MAX_WAITING) return;
      waiting.push({ userJid, contact, name });
      if (!isWorking) void work();
    },
  };
};
