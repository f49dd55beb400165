import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster } from '../../bench/database.ts';
import { type FloodReport, measureFlood } from '../../bench/flood.ts';
import { percentile } from '../../bench/numbers.ts';
import { QUICK } from '../../bench/sizes.ts';
import { createUndoStack } from '../support/undo.ts';

const COUNT = 5_000;

const undo = createUndoStack();
let report: FloodReport;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-flood-'));
  undo.add(() => rm(folder, { recursive: true, force: true }));
  const cluster = await startCluster(join(folder, 'data'), undo);
  const world = { folder, cluster, sizes: QUICK };
  report = await measureFlood(world, { count: COUNT, connections: 50, idle: 100 });
}, 300_000);
afterAll(() => undo.run());

test('each of five thousand bad requests is answered, with what is wrong with it', () => {
  // Every sixth is of somebody whose key is another, and may be new; every sixth of a host that no name server knows, or
  // none can be asked for. Where nobody answers for either, the peer is to come again.
  const { '503': unknown = 0, ...known } = report.statuses;
  expect(unknown).toBeLessThanOrEqual(Math.ceil(COUNT / 3));
  expect(Object.keys(known).sort()).toEqual(['400', '401']);
  expect(Object.values(report.statuses).reduce((sum, count) => sum + count, 0)).toBe(COUNT);
});

test('chats go on meanwhile: 95 of 100 take at most three times as long as in peace', () => {
  const { idle, flooded } = report;
  expect(flooded.length).toBeGreaterThan(10);
  expect(percentile(flooded, 0.95)).toBeLessThan(3 * percentile(idle, 0.95));
});
