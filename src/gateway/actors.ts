import type { Handle, RemoteActor } from '../bridge/actor.ts';
import { handleToJid } from '../bridge/address.ts';
import { contactPresence } from '../bridge/contact-presence.ts';
import { done, type Outcome, refuse } from '../bridge/outcome.ts';
import { findHandle, saveHandle } from '../store/handles.ts';
import { expirePicture } from '../store/pictures.ts';
import { findActor, markActorGone, saveActor } from '../store/remote-actors.ts';
import type { HasClock, HasDatabase, HasIdentity, HasLookUp, HasPictures } from './ports.ts';
import { announceContact } from './rosters.ts';

type Deps = HasDatabase & HasLookUp & HasClock;

const SAME_PICTURE_MS = 10 * 60_000;

/** How long a stored actor is taken as it is; after that it is fetched again, and a failure falls back on it. */
const FRESH_FOR_MS = 24 * 60 * 60 * 1000;

const isFresh = (fetchedAt: Date, now: Date): boolean => now.getTime() - fetchedAt.getTime() < FRESH_FOR_MS;

/**
 * The actor behind a handle: from the store while fresh, else by WebFinger. A peer that does not answer
 * leaves us with what we knew; one that says 404 or 410 is believed.
 */
export const resolveActor = async (deps: Deps, handle: Handle): Promise<Outcome<RemoteActor>> => {
  const known = await findHandle(deps.db, handle);
  const stored = known === undefined ? undefined : await findActor(deps.db, known.actorId);
  if (stored !== undefined && isLatelyGone(deps, stored)) return refuse('gone', { host: handle.host });
  if (stored !== undefined && known !== undefined && stored.goneAt === undefined) {
    if (isFresh(known.checkedAt, deps.now()) && isFresh(stored.fetchedAt, deps.now()))
      return done(stored.actor);
  }
  const found = await deps.resolveHandle(handle);
  if (found.ok) {
    await rememberActor(deps, found.value, handle);
    return found;
  }
  return await fallBack(deps, found, stored);
};

/** The actor behind a handle as far as the store knows it, however old that is; nobody is asked. */
export const knownActor = async (deps: HasDatabase, handle: Handle): Promise<RemoteActor | undefined> => {
  const known = await findHandle(deps.db, handle);
  return known && (await findActor(deps.db, known.actorId))?.actor;
};

/** The actor behind a URI: stored and fresh, else fetched, as `resolveActor` does. */
export const actorById = async (deps: Deps, uri: string): Promise<Outcome<RemoteActor>> => {
  const stored = await findActor(deps.db, uri);
  if (stored !== undefined && isLatelyGone(deps, stored))
    return refuse('gone', { host: stored.actor.handle.host });
  if (stored !== undefined && stored.goneAt === undefined && isFresh(stored.fetchedAt, deps.now()))
    return done(stored.actor);
  const found = await deps.fetchActor(uri);
  if (found.ok) {
    await rememberActor(deps, found.value, found.value.handle);
    return found;
  }
  return await fallBack(deps, found, stored);
};

type Stored = NonNullable<Awaited<ReturnType<typeof findActor>>>;

/** Who said goodbye is not asked for again at once: a server may show the actor for a while after that. */
const isLatelyGone = ({ now }: HasClock, { goneAt }: Stored): boolean =>
  goneAt !== undefined && isFresh(goneAt, now());

const fallBack = async (
  deps: Deps,
  found: Outcome<RemoteActor> & { ok: false },
  stored: Stored | undefined,
): Promise<Outcome<RemoteActor>> => {
  if (stored === undefined) return found;
  if (found.refusal.reason === 'gone') {
    await markActorGone(deps.db, stored.actor.id);
    return found;
  }
  if (stored.goneAt !== undefined) return refuse('gone', { host: stored.actor.handle.host });
  return found.refusal.reason === 'not-found' ? found : done(stored.actor);
};

/** Keeps what was looked up, under the handle that was asked for as well. */
export const rememberActor = (deps: Deps, actor: RemoteActor, asked: Handle): Promise<void> =>
  deps.db.transaction(async (tx) => {
    const before = (await findActor(tx, actor.id))?.actor;
    await saveActor(tx, actor);
    if (before !== undefined && !looksAlike(before, actor)) await announceContact(tx, actor.id);
    await saveHandle(tx, actor.handle, actor.id);
    if (asked.user !== actor.handle.user || asked.host !== actor.handle.host)
      await saveHandle(tx, asked, actor.id);
  });

/**
 * What an actor itself says of itself now, its keys included. It keeps the handle that was confirmed: another one is
 * asked for with the next look-up. Of an actor that nobody here has to do with nothing is kept.
 */
export const updateActor = async (
  deps: HasDatabase & HasClock & HasPictures,
  profile: RemoteActor,
): Promise<void> => {
  const isKnown = await deps.db.transaction(async (tx) => {
    const before = await findActor(tx, profile.id);
    if (before === undefined || before.goneAt !== undefined) return false;
    const actor = { ...profile, handle: before.actor.handle };
    await saveActor(tx, actor);
    if (!looksAlike(before.actor, actor)) await announceContact(tx, actor.id);
    // Under the same URL there may be another picture now; no actor makes us look more often than this.
    const stale = new Date(deps.now().getTime() - SAME_PICTURE_MS);
    if (actor.icon !== undefined) await expirePicture(tx, actor.icon, stale);
    return true;
  });
  if (isKnown) deps.pictures.want(profile);
};

/** To those who see it in their rosters. What the new picture is shows when it was fetched. */
const looksAlike = (one: RemoteActor, other: RemoteActor): boolean =>
  one.icon === other.icon &&
  JSON.stringify(contactPresence(one, undefined)) === JSON.stringify(contactPresence(other, undefined));

/** The contact's canonical bare JID; undefined for a name that cannot be a JID part. */
export const contactJid = (deps: HasIdentity, actor: RemoteActor): string | undefined =>
  handleToJid(actor.handle, deps.domain);

/**
 * The actor who signed what is being worked, and the JID under which it writes (undefined for a name that
 * cannot be one). It signed a moment ago: a failed look-up is trouble that passes, so this throws and the
 * row comes again. One that is gone by now is what it was (`isGone`): what it said before still counts.
 */
export const signerOf = async (
  deps: Deps & HasIdentity,
  uri: string,
): Promise<{
  readonly actor: RemoteActor;
  readonly contact: string | undefined;
  readonly isGone: boolean;
}> => {
  const stored = await findActor(deps.db, uri);
  const found = stored === undefined ? await actorById(deps, uri) : done(stored.actor);
  if (!found.ok) throw new Error(`the signer could not be looked up: ${found.refusal.reason}`);
  const isGone = stored?.goneAt !== undefined;
  return { actor: found.value, contact: contactJid(deps, found.value), isGone };
};
