import type { InOrder } from './in-order.ts';
import { createPlaces } from './places.ts';

/**
 * Waits outside the count of what is at work; `instead` where every place is taken. Only for what waits for
 * somebody else's server, never for our own database.
 */
export type StepAside = <T>(wait: () => Promise<T>, instead: T) => Promise<T>;

export type WaitingRoom = {
  /**
   * Runs a stanza's work in the order of its conversation. Resolves when it is done, or as soon as it, or the
   * one before it, steps aside: the reader of the stream waits no longer then. `turnAway` is called in its stead
   * where it would have to wait behind such a one and there is no place.
   */
  readonly run: (
    stanza: { readonly conversation: string; readonly sender: string },
    work: (stepAside: StepAside) => Promise<void>,
    turnAway: () => Promise<void>,
  ) => Promise<void>;
};

/** A stanza that has come and is not begun yet. */
type Queued = {
  /** `away`: its sender was told that there is no place; nothing more is done for it. */
  state: 'counted' | 'aside' | 'away';
  readonly stoodAside: () => void;
  readonly turnAway: () => Promise<void>;
};

/** One conversation: what is queued in it, and whether its foremost stanza waits for a look-up. */
type Line = { held: boolean; readonly queued: Set<Queued> };

/**
 * Where stanzas wait for look-ups. The stream stops reading while too many stanzas are at work, which holds back a
 * flood; a look-up at a silent host takes its 15 seconds, so that one user who writes to many such hosts would hold
 * up everybody else. Places are counted for each sender and all together.
 */
export const createWaitingRoom = ({
  conversations,
  ...limits
}: {
  readonly conversations: InOrder;
  readonly perSender: number;
  readonly total: number;
}): WaitingRoom => {
  const places = createPlaces(limits);
  const lines = new Map<string, Line>();
  const seat = (sender: string, queued: Queued): void => {
    if (queued.state !== 'counted') return;
    queued.state = places.enter(sender) ? 'aside' : 'away';
    // Settled by whoever is told; the reader of the stream waits for neither.
    if (queued.state === 'away') queued.turnAway().then(queued.stoodAside, queued.stoodAside);
    else queued.stoodAside();
  };
  /** Holds the line while `wait` runs: those behind it step aside with it. */
  const hold = async <T>(line: Line, sender: string, wait: () => Promise<T>): Promise<T> => {
    line.held = true;
    for (const queued of line.queued) seat(sender, queued);
    try {
      return await wait();
    } finally {
      line.held = false;
      places.leave(sender);
    }
  };
  return {
    run: async ({ conversation, sender }, work, turnAway) => {
      const { promise: aside, resolve: stoodAside } = Promise.withResolvers<void>();
      const line = lines.get(conversation) ?? { held: false, queued: new Set() };
      lines.set(conversation, line);
      const queued: Queued = { state: 'counted', stoodAside, turnAway };
      line.queued.add(queued);
      if (line.held) seat(sender, queued);
      const stepAside: StepAside = async (wait, instead) => {
        if (!places.enter(sender)) return instead;
        stoodAside();
        return await hold(line, sender, wait);
      };
      const begin = async (): Promise<void> => {
        line.queued.delete(queued);
        if (queued.state === 'aside') places.leave(sender);
        try {
          if (queued.state !== 'away') await work(stepAside);
        } finally {
          if (line.queued.size === 0) lines.delete(conversation);
        }
      };
      await Promise.race([conversations.run(conversation, begin), aside]);
    },
  };
};
