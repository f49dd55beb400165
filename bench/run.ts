import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UndoStack } from '../test/support/undo.ts';
import type { BenchArguments, PartName } from './arguments.ts';
import { startCluster } from './database.ts';
import { measureInbound } from './inbound.ts';
import { measureLatency } from './latency.ts';
import { measureMemory } from './memory.ts';
import { measureOutbound } from './outbound.ts';
import { mergeReports, type Report } from './report.ts';
import { QUICK, WHOLE } from './sizes.ts';
import type { World } from './world.ts';
import { measureXmpp } from './xmpp.ts';

const MEASURES: Readonly<Record<PartName, (world: World) => Promise<Report>>> = {
  inbound: measureInbound,
  outbound: measureOutbound,
  xmpp: measureXmpp,
  latency: measureLatency,
  memory: measureMemory,
};

/**
 * Measures the parts that are asked for, one after the other, on a database of its own. What it leaves to be
 * taken back stands in `undo`, for the caller to run, whatever came of it.
 */
export const runBench = async (
  { quick, only }: BenchArguments,
  undo: UndoStack,
  say: (sentence: string) => void,
): Promise<Report> => {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-bench-'));
  undo.add(() => rm(folder, { recursive: true, force: true }));
  const cluster = await startCluster(join(folder, 'data'), undo);
  const reports: Report[] = [];
  for (const part of only) {
    say(`measuring ${part} ...`);
    reports.push(await MEASURES[part]({ folder, cluster, sizes: quick ? QUICK : WHOLE }));
  }
  return mergeReports(reports);
};
