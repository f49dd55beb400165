import { waitAtMost } from './abandon.ts';
import type { OutgoingStanza } from './bridge/stanza.ts';
import type { GatewayPorts } from './gateway/ports.ts';
import { type PresencePages, presenceOfAll, presenceOfContact } from './gateway/rosters.ts';
import { type Log, toError } from './log.ts';
import { takeChangedContact } from './store/changed-contacts.ts';
import type { Db } from './store/database.ts';
import type { Stream } from './xmpp/stream-options.ts';

/** Stanzas between two barriers. */
const PAGE = 100;
const BARRIER_MS = 15_000;
/** At the end nobody waits in between: what fits into the time goes out. */
const FAREWELL_PAGE = 500;
/** So often one page may be lost with its connection before it is passed over: it may be what closes it. */
const MAX_LOSSES = 3;

const NO_LOSS = { page: 0, times: 0 };

export type Announcer = {
  /** The stream is ready: all are told from the beginning, whatever was told before. */
  readonly restart: () => void;
  /** Writes one page and waits until the server has taken it; false when there is nothing to tell. */
  readonly step: () => Promise<boolean>;
  /** Tells all that everybody goes, for so many milliseconds at most; then nothing more. Never rejects. */
  readonly farewell: (ms: number) => Promise<void>;
};

type AnnouncerDeps = {
  readonly db: Db;
  readonly ports: Pick<GatewayPorts, 'domain' | 'pictures'>;
  readonly stream: Pick<Stream, 'send' | 'barrier' | 'state'>;
  readonly log: Log;
};

/**
 * Presence of contacts and of the gateway, which is true only as long as the stream stands and so needs no row of its
 * own: it is made of the follows as they are when it is written.
 */
export const createAnnouncer = ({ db, ports, stream, log }: AnnouncerDeps): Announcer => {
  const pages = { db, domain: ports.domain, limit: PAGE, wantPicture: ports.pictures.want };
  let walk: PresencePages | undefined;
  let isWhole = false;
  let page = 0;
  let told = 0;
  let lost = NO_LOSS;
  const restart = (): void => {
    walk = presenceOfAll(pages, 'available');
    isWhole = true;
    page = told = 0;
  };
  const finish = (): void => {
    if (isWhole) log.info('presence-announced', { count: told });
    walk = undefined;
    isWhole = false;
  };
  const nextWalk = async (): Promise<PresencePages | undefined> => {
    const actorId = await takeChangedContact(db);
    return actorId === undefined ? undefined : presenceOfContact(pages, actorId);
  };
  const writePage = async (stanzas: readonly OutgoingStanza[]): Promise<void> => {
    page += 1;
    if (lost.page === page && lost.times >= MAX_LOSSES)
      return log.warn('presence-skipped', { page, count: stanzas.length });
    const isTaken = await write(stream, stanzas, BARRIER_MS);
    if (isTaken) told += stanzas.length;
    else lost = { page, times: lost.page === page ? lost.times + 1 : 1 };
    if (isTaken && lost.page === page) lost = NO_LOSS;
  };
  return {
    restart,
    step: async () => {
      if (stream.state().status !== 'online') return false;
      walk ??= await nextWalk();
      const mine = walk;
      if (mine === undefined) return false;
      const next = await mine.next();
      // The stream came back meanwhile: what was just read is told again by the new walk.
      if (walk !== mine) return true;
      if (next.done === true) finish();
      else await writePage(next.value);
      return true;
    },
    farewell: async (ms) => {
      walk = undefined;
      const deadline = performance.now() + ms;
      const leaving = sayGoodbye(
        stream,
        presenceOfAll({ ...pages, limit: FAREWELL_PAGE }, 'unavailable'),
        deadline,
      );
      await waitAtMost(ms, leaving).catch((error) => log.warn('farewell-failed', { error: toError(error) }));
    },
  };
};

const sayGoodbye = async (
  stream: AnnouncerDeps['stream'],
  pages: PresencePages,
  deadline: number,
): Promise<void> => {
  if (stream.state().status !== 'online') return;
  for await (const stanzas of pages) {
    const left = deadline - performance.now();
    if (left <= 0 || !(await write(stream, stanzas, left))) return;
  }
};

/** True when the server has taken them. One that cannot be written is passed over: it is worth no more. */
const write = async (
  stream: AnnouncerDeps['stream'],
  stanzas: readonly OutgoingStanza[],
  barrierMs: number,
): Promise<boolean> => {
  if (stanzas.length === 0) return true;
  for (const stanza of stanzas) stream.send(stanza);
  return await stream.barrier(barrierMs);
};
