import type { LocalActor } from '../bridge/actor.ts';
import { done, type Outcome, refuse } from '../bridge/outcome.ts';
import { findUserByJid } from '../store/users.ts';
import { changeProfile, type ProfileChange } from './change-profile.ts';
import type { GatewayPorts } from './ports.ts';

/** The picture alone, or name, words and picture. */
export type WhatOfCard = 'picture' | 'profile';

export type PublishedCard =
  /** `isPictureBad`: there is one that cannot be shown; the others are shown without it. */
  | { readonly kind: 'published'; readonly actor: LocalActor; readonly isPictureBad: boolean }
  /** Nothing was changed. */
  | { readonly kind: 'unreadable' | 'empty' | 'no-picture' | 'bad-picture' };

/**
 * Shows what the card of a user's XMPP account says, as it is now: by the user's own command only. What the card does
 * not say stays as it was. Refused for who is not registered.
 * @param jid bare
 */
export const publishCard = async (
  deps: GatewayPorts,
  jid: string,
  what: WhatOfCard,
): Promise<Outcome<PublishedCard>> => {
  if ((await findUserByJid(deps.db, jid)) === undefined) return refuse('not-registered');
  const card = await deps.readOwnCard(jid);
  if (card === undefined) return done({ kind: 'unreadable' });
  const picture = card.photo && (await deps.makeSmall(card.photo))?.bytes;
  const isPictureBad = card.photo !== undefined && picture === undefined;
  const { name, bio } = what === 'profile' ? card : {};
  const change: ProfileChange = {
    ...(name === undefined ? {} : { displayName: name }),
    ...(bio === undefined ? {} : { bio }),
    ...(picture === undefined ? {} : { picture }),
  };
  if (Object.keys(change).length === 0)
    return done({ kind: isPictureBad ? 'bad-picture' : what === 'picture' ? 'no-picture' : 'empty' });
  const changed = await changeProfile(deps, jid, change);
  return changed.ok ? done({ kind: 'published', actor: changed.value, isPictureBad }) : changed;
};
