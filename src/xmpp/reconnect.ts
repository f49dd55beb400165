import type { Connection } from './connection.ts';
import type { StreamEnd } from './stream-end.ts';

/** What happens to the link, in the order in which it happens. */
export type LinkChange =
  | { readonly status: 'connecting' }
  | { readonly status: 'online'; readonly connection: Connection }
  | { readonly status: 'down'; readonly end: StreamEnd };

export type LinkDeps = {
  readonly open: (events: { onOpen: () => void; onEnd: (end: StreamEnd) => void }) => Connection;
  readonly onChange: (change: LinkChange) => void;
  /** Milliseconds before try number `attempt`, which counts from 0. */
  readonly delay: (attempt: number) => number;
  /** Milliseconds online after which the count starts again. */
  readonly stableMs: number;
  /** Milliseconds for an orderly end. */
  readonly closeMs: number;
};

export type Link = { readonly start: () => void; readonly stop: () => Promise<void> };

/** Keeps one connection open from `start` to `stop`: whatever ends it, even a conflict, the next one follows. */
export const keepConnected = (deps: LinkDeps): Link => {
  let isWanted = false;
  let attempt = 0;
  let current: Connection | undefined;
  let retry: NodeJS.Timeout | undefined;
  let stable: NodeJS.Timeout | undefined;

  const connect = (): void => {
    deps.onChange({ status: 'connecting' });
    const connection = deps.open({
      onOpen: () => {
        stable = setTimeout(() => {
          attempt = 0;
        }, deps.stableMs);
        deps.onChange({ status: 'online', connection });
      },
      onEnd: (end) => {
        current = undefined;
        clearTimeout(stable);
        if (isWanted) {
          retry = setTimeout(connect, deps.delay(attempt));
          attempt += 1;
        }
        deps.onChange({ status: 'down', end });
      },
    });
    current = connection;
  };

  return {
    start: () => {
      if (isWanted) return;
      isWanted = true;
      attempt = 0;
      // A connection that is still closing starts the next one when it has ended.
      if (current === undefined) connect();
    },
    stop: async () => {
      isWanted = false;
      clearTimeout(retry);
      await current?.close(deps.closeMs);
    },
  };
};
