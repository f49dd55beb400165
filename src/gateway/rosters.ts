import { handleToJid } from '../bridge/address.ts';
import { contactStanzas } from '../bridge/contact-presence.ts';
import type { OutgoingStanza } from '../bridge/stanza.ts';
import { saveChangedContact } from '../store/changed-contacts.ts';
import type { Db } from '../store/database.ts';
import { pageGatewaySubscribers } from '../store/gateway-subscribers.ts';
import { pageRosters, pageSubscribers, type RosterItem, type RosterPlace } from '../store/rosters.ts';

type Deps = {
  readonly db: Db;
  readonly domain: string;
  /** Of a page. */
  readonly limit: number;
  /** Called with each contact whose picture is not here yet. */
  readonly wantPicture: (actor: RosterItem['actor']) => void;
};

/** Pages of stanzas, each made of what stands when it is asked for; some may be empty. */
export type PresencePages = AsyncGenerator<readonly OutgoingStanza[], void>;

/**
 * Presence of the gateway and of all contacts to all who are subscribed, page by page (XEP-0100 8): `available` at the
 * start and after each reconnection, because servers forget who a component said is there; `unavailable` at the end.
 */
export async function* presenceOfAll(deps: Deps, type: 'available' | 'unavailable'): PresencePages {
  let after = '';
  for (;;) {
    const jids = await pageGatewaySubscribers(deps.db, { after, limit: deps.limit });
    yield jids.map((to) => ({ kind: 'presence', type, from: deps.domain, to }));
    after = jids.at(-1) ?? '';
    if (jids.length < deps.limit) break;
  }
  let place: RosterPlace | undefined;
  do {
    const { items, end } = await pageRosters(deps.db, { after: place, limit: deps.limit });
    yield toStanzas(deps, items, type);
    place = end;
  } while (place !== undefined);
}

/** Presence of one contact to all who are subscribed to it. */
export async function* presenceOfContact(deps: Deps, actorId: string): PresencePages {
  let place: RosterPlace | undefined;
  do {
    const { items, end } = await pageSubscribers(deps.db, { actorId, after: place, limit: deps.limit });
    yield toStanzas(deps, items, 'changed');
    place = end;
  } while (place !== undefined);
}

/** `changed`: as one who sees it for the first time is told, not only that it is there. */
const toStanzas = (
  { domain, wantPicture }: Deps,
  items: readonly RosterItem[],
  type: 'available' | 'unavailable' | 'changed',
): readonly OutgoingStanza[] =>
  items.flatMap(({ userJid: to, actor, photo }): readonly OutgoingStanza[] => {
    const from = handleToJid(actor.handle, domain);
    if (from === undefined) return [];
    if (type === 'unavailable') return [{ kind: 'presence', type, from, to }];
    if (photo === undefined) wantPicture(actor);
    const stanzas = contactStanzas(actor, { from, to }, photo);
    return type === 'changed' ? stanzas : stanzas.slice(0, 1);
  });

/**
 * A contact's name, profile or picture changed: all who are subscribed get its presence, soon and paced by the holder
 * of the stream. Call in the transaction that changes it, and `wake.stanzas` behind the commit (or wait for a second).
 */
export const announceContact = (tx: Db, actorId: string): Promise<void> => saveChangedContact(tx, actorId);
