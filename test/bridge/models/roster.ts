import type { PresenceFact } from '../../../src/bridge/subscription.ts';

/** A roster item at the user's own server. `asks` is `ask='subscribe'`, `asked` a request that waits for the user. */
export type RosterItem = {
  readonly to: boolean;
  readonly asks: boolean;
  readonly from: boolean;
  readonly asked: boolean;
};

export const NO_ITEM: RosterItem = { to: false, asks: false, from: false, asked: false };

export type UserStanza = 'subscribe' | 'unsubscribe' | 'subscribed' | 'unsubscribed' | 'unavailable';

/** What the server keeps, and what it sends on to the contact. */
export type RosterStep = { readonly item: RosterItem; readonly sent: readonly UserStanza[] };

/** RFC 6121 A.2: what a server makes of a stanza of its user, and whether it goes on. */
export const sendFromUser = (item: RosterItem, type: Exclude<UserStanza, 'unavailable'>): RosterStep => {
  switch (type) {
    case 'subscribe':
      return { item: item.to ? item : { ...item, asks: true }, sent: [type] };
    case 'unsubscribe':
      return { item: { ...item, to: false, asks: false }, sent: [type] };
    case 'subscribed':
      return item.asked ? { item: { ...item, from: true, asked: false }, sent: [type] } : { item, sent: [] };
    case 'unsubscribed':
      return item.asked || item.from
        ? { item: { ...item, from: false, asked: false }, sent: [type] }
        : { item, sent: [] };
  }
};

/** XEP-0100 4.7.1: whoever removes an item is heard to say three things at once, whatever stood. */
export const removeItem = (): RosterStep => ({
  item: NO_ITEM,
  sent: ['unsubscribe', 'unsubscribed', 'unavailable'],
});

/** RFC 6121 A.3: what a server makes of a stanza of the contact, and what it answers by itself. */
export const receiveFromContact = (item: RosterItem, type: PresenceFact): RosterStep => {
  switch (type) {
    case 'subscribe':
      return item.from ? { item, sent: ['subscribed'] } : { item: { ...item, asked: true }, sent: [] };
    case 'unsubscribe':
      return { item: { ...item, from: false, asked: false }, sent: [] };
    case 'subscribed':
      return { item: item.asks ? { ...item, to: true, asks: false } : item, sent: [] };
    case 'unsubscribed':
      return { item: { ...item, to: false, asks: false }, sent: [] };
    case 'unavailable':
      return { item, sent: [] };
  }
};
