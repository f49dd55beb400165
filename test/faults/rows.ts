import { ENDS } from './rows-ends.ts';
import { KILLS } from './rows-kills.ts';
import { PEERS } from './rows-peers.ts';
import { SERVERS } from './rows-servers.ts';

/** A fault that the suite makes, and what the gateway promises under it. */
export type Fault = {
  readonly row: string;
  /** What goes wrong. */
  readonly fault: string;
  /** How the suite makes it. */
  readonly how: string;
  readonly promised: string;
  /** How long after the cause is gone all is as promised, in milliseconds. */
  readonly recoverWithinMs: number;
};

export const FAULTS: readonly Fault[] = [...KILLS, ...SERVERS, ...PEERS, ...ENDS];
