import type { Fault } from './rows.ts';

export const SERVERS: readonly Fault[] = [];
