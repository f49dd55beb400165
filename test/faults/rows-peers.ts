import type { Fault } from './rows.ts';

export const PEERS: readonly Fault[] = [];
