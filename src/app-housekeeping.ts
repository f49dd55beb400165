import type { Config } from './config.ts';
import { type Log, toError } from './log.ts';
import { purgeKeysOfLeft, purgeOldKeys } from './store/actor-keys.ts';
import type { Db } from './store/database.ts';
import { purgeFailedDeliveries } from './store/deliveries.ts';
import { purgeSchemes } from './store/host-schemes.ts';
import { purgeHosts } from './store/hosts.ts';
import { purgeInbox } from './store/inbox.ts';
import { purgeMessages } from './store/messages.ts';
import { purgeNoteBodies, purgeNotes } from './store/notes.ts';
import { purgePictures, trimPictures } from './store/pictures.ts';
import { purgeStrangers } from './store/remote-actors.ts';
import { purgeStanzaDigests } from './store/seen-stanzas.ts';
import { purgeTextDigests } from './store/shown-notes.ts';
import { purgeStanzas } from './store/stanzas.ts';
import { purgeTombstones } from './store/tombstones.ts';

const HOUSEKEEPING_MS = 10 * 60_000;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 86_400_000;
/** A stanza that the server took lies here for so long in case it comes back, unless bodies go sooner. */
const SENT_STANZAS_MS = 60 * MINUTE;
/** They come back when they are looked at: a cache, of some 25 KB each. */
const PICTURES_MS = 30 * DAY;
const MOST_PICTURES = 10_000;

export type HousekeepingDeps = {
  readonly retention: Config['retention'];
  readonly log: Pick<Log, 'warn'>;
  readonly db: Db;
};

export type Housekeeping = {
  /** Deletes what is over at once, and then every few minutes. */
  readonly start: () => void;
  readonly stop: () => void;
  /** One round; never rejects. */
  readonly round: () => Promise<void>;
};

/** Deletes what is over, a batch at a time; a failure waits for the next round. */
export const createHousekeeping = ({ retention, log, db }: HousekeepingDeps): Housekeeping => {
  const bodiesMs = retention.bodiesSeconds * SECOND;
  const idsMs = retention.idsSeconds * SECOND;
  const round = async (): Promise<void> => {
    const ago = (ms: number) => new Date(Date.now() - ms);
    try {
      await purgeNoteBodies(db, ago(bodiesMs));
      await purgeTextDigests(db, ago(bodiesMs));
      await purgeStanzas(db, { sent: ago(Math.min(SENT_STANZAS_MS, bodiesMs)), failed: ago(7 * DAY) });
      await purgeMessages(db, ago(idsMs));
      await purgeNotes(db, ago(idsMs));
      await purgeTombstones(db, ago(idsMs));
      await purgeInbox(db, ago(idsMs));
      await purgeFailedDeliveries(db, ago(7 * DAY));
      await purgeStrangers(db, ago(2 * DAY));
      await purgePictures(db, ago(PICTURES_MS));
      await trimPictures(db, MOST_PICTURES);
      await purgeStanzaDigests(db, ago(10 * MINUTE));
      await purgeKeysOfLeft(db);
      await purgeOldKeys(db);
      await purgeHosts(db, ago(30 * DAY));
      await purgeSchemes(db, ago(DAY));
    } catch (error) {
      log.warn('housekeeping-failed', { error: toError(error) });
    }
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    start: () => {
      timer = setInterval(() => void round(), HOUSEKEEPING_MS);
      void round();
    },
    stop: () => clearInterval(timer),
    round,
  };
};
