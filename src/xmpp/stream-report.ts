import type { LinkChange } from './reconnect.ts';
import { describeEnd } from './stream-end.ts';
import type { StreamOptions, StreamState } from './stream-options.ts';

export type Report = {
  readonly change: (change: LinkChange) => void;
  readonly stopped: () => void;
  readonly state: () => StreamState;
};

/** Turns what happens to the link into states and log lines, and tells each once. */
export const createReport = (
  { host, port, domain, onState, log }: StreamOptions,
  run: (handle: () => unknown) => void,
): Report => {
  let state: StreamState = { status: 'down', problem: undefined };
  const set = (next: StreamState): void => {
    if (next.status === state.status && next.problem === state.problem) return;
    if (next.problem !== undefined && next.problem !== state.problem) log.warn({ host, port }, next.problem);
    if (next.status === 'online') log.info({ host, port }, `connected to the XMPP server as ${domain}`);
    state = next;
    run(() => onState(next));
  };
  return {
    change: (change) => {
      // While the next try is under way, the reason for the last failure is still what an admin needs.
      if (change.status === 'connecting') set({ ...state, status: 'connecting' });
      else if (change.status === 'online') set({ status: 'online', problem: undefined });
      else set({ status: 'down', problem: describeEnd(change.end, domain) });
    },
    stopped: () => set({ status: 'down', problem: undefined }),
    state: () => state,
  };
};
