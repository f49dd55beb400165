import { afterAll, beforeAll, expect, test } from 'vitest';
import { PARTS } from '../../bench/arguments.ts';
import { type Report, renderReport } from '../../bench/report.ts';
import { runBench } from '../../bench/run.ts';
import { createUndoStack } from '../support/undo.ts';

// Numbers of so short a run say nothing about speed, and nothing here asks for any: only that every part runs.
const undo = createUndoStack();
let report: Report;
const said: string[] = [];
beforeAll(async () => {
  report = await runBench({ quick: true, only: PARTS }, undo, (sentence) => said.push(sentence));
}, 300_000);
afterAll(() => undo.run());

test('every part is measured', () => {
  expect(said).toEqual(PARTS.map((part) => `measuring ${part} ...`));
  expect(report.throughput.map(({ name }) => name.split(':', 1)[0])).toEqual(['inbound', 'outbound', 'xmpp']);
  expect(report.latency).toHaveLength(4);
});

test('throughput stands beside its floor', () => {
  for (const { name, floor, ours, rateRatio, cpuRatio } of report.throughput)
    for (const value of [floor.rate, floor.cpuMs, ours.rate, ours.cpuMs, rateRatio, cpuRatio]) {
      expect(value, name).toBeGreaterThan(0);
      expect(value, name).toBeLessThan(Number.POSITIVE_INFINITY);
    }
});

test('each message of the latency part has its time', () => {
  for (const { name, samples } of report.latency) {
    expect(samples, name).toHaveLength(10);
    // A stanza may be written before the 202 has been read.
    if (!name.includes('202')) for (const sample of samples) expect(sample, name).toBeGreaterThan(0);
  }
});

test('under load activities share their commits', () => {
  const shared = report.facts.find(({ unit }) => unit === 'activities');
  expect(shared?.value).toBeGreaterThan(1);
});

test('it is told as tables', () => {
  expect(renderReport(report)).toMatch(/^per second .*\n-+ [\s\S]*\n\nmilliseconds .*[\s\S]*\n\nother /u);
});
