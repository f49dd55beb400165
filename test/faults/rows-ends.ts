import type { Fault } from './rows.ts';

export const ENDS: readonly Fault[] = [];
