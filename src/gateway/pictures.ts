import type { RemoteActor } from '../bridge/actor.ts';
import type { Outcome, RefusalReason } from '../bridge/outcome.ts';
import type { Database } from '../store/database.ts';
import {
  findPicture,
  keepPicture,
  MAX_PICTURE_URL,
  type StoredPicture,
  savePicture,
} from '../store/pictures.ts';
import { announceContact } from './rosters.ts';

type Picturable = Pick<RemoteActor, 'id' | 'icon'>;

/** A picture that can be shown: a small PNG. */
export type Picture = { readonly sha1: string; readonly bytes: Buffer };

export type Pictures = {
  /** Sees to it that the picture is here soon; those who see the actor in their rosters are then told. */
  readonly want: (actor: Picturable) => void;
  /** The picture, fetched where it is not here; undefined where there is none, or none within so many milliseconds. */
  readonly get: (actor: Picturable, patienceMs: number) => Promise<Picture | undefined>;
};

export type PictureDeps = {
  readonly db: Database;
  /** The bytes behind a stranger's URL, by the guarded way, bounded in size and time. */
  readonly fetchPicture: (url: string) => Promise<Outcome<Uint8Array>>;
  /** Undefined for what is no picture, or too large a one. */
  readonly makeSmall: (bytes: Uint8Array) => Promise<Picture | undefined>;
  readonly now: () => Date;
  readonly onProblem: (error: unknown) => void;
  /** The loop that writes stanzas is to look now. */
  readonly wake: () => void;
};

const DAY = 86_400_000;
/** A picture seldom changes under its URL. One that could not be had is asked for again sooner. */
export const FRESH_MS = { picture: 7 * DAY, none: DAY / 24 } as const;
const FOR_NOW: ReadonlySet<RefusalReason> = new Set(['host-unreachable', 'host-not-found', 'internal']);
/** Fetched and made small at the same time; others wait, so many at most, and are forgotten beyond. */
const AT_ONCE = 4;
const MAX_WAITING = 2_000;

/** The keeper of contacts' pictures: one flight for each URL, a few at once, outcomes in the database. */
export const createPictures = (deps: PictureDeps): Pictures => {
  const { db, now } = deps;
  const flights = new Map<string, Promise<Picture | undefined>>();
  const slots = createSlots(AT_ONCE);

  const isFresh = ({ sha1, fetchedAt }: StoredPicture): boolean =>
    now().getTime() - fetchedAt.getTime() < FRESH_MS[sha1 === undefined ? 'none' : 'picture'];

  const fetch = async (
    url: string,
    actorId: string,
    known: Picture | undefined,
  ): Promise<Picture | undefined> => {
    await slots.enter();
    try {
      const fetched = await deps.fetchPicture(url);
      if (!fetched.ok && known !== undefined && FOR_NOW.has(fetched.refusal.reason)) {
        // An old picture is better than none; it is asked for again when one that is not there would be.
        await keepPicture(db, url, new Date(now().getTime() - FRESH_MS.picture + FRESH_MS.none));
        return known;
      }
      const picture = fetched.ok ? await deps.makeSmall(fetched.value) : undefined;
      const isNew = await db.transaction(async (tx) => {
        const changed = await savePicture(tx, url, picture);
        if (changed) await announceContact(tx, actorId);
        return changed;
      });
      if (isNew) deps.wake();
      return picture;
    } finally {
      slots.leave();
    }
  };

  const fetchOnce = (
    url: string,
    actorId: string,
    known: Picture | undefined,
  ): Promise<Picture | undefined> => {
    const underWay = flights.get(url);
    if (underWay !== undefined) return underWay;
    if (slots.waiting() >= MAX_WAITING) return Promise.resolve(undefined);
    const flight = fetch(url, actorId, known)
      .catch((error: unknown) => {
        deps.onProblem(error);
        return undefined;
      })
      .finally(() => flights.delete(url));
    flights.set(url, flight);
    return flight;
  };

  const find = async ({ id, icon }: Picturable): Promise<Picture | undefined> => {
    if (icon === undefined || icon.length > MAX_PICTURE_URL) return undefined;
    const stored = await findPicture(db, icon);
    const { sha1, bytes } = stored ?? {};
    const known = sha1 === undefined || bytes === undefined ? undefined : { sha1, bytes };
    if (stored !== undefined && isFresh(stored)) return known;
    return await fetchOnce(icon, id, known);
  };

  return {
    want: (actor) => void find(actor).catch(deps.onProblem),
    get: async (actor, patienceMs) => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const timer = setTimeout(() => resolve(undefined), patienceMs);
      try {
        return await Promise.race([find(actor), promise]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
};

/** So many at once; the others wait in order. */
const createSlots = (atOnce: number) => {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    enter: async (): Promise<void> => {
      if (running < atOnce) running += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
    },
    /** The place goes to who waits longest. */
    leave: (): void => {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    },
    waiting: (): number => waiting.length,
  };
};
