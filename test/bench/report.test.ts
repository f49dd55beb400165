import { expect, test } from 'vitest';
import { mergeReports, type Report, renderReport } from '../../bench/report.ts';

const EMPTY: Report = { throughput: [], latency: [], facts: [] };
const inbound: Report = {
  ...EMPTY,
  throughput: [
    {
      name: 'inbound',
      floor: { rate: 14_000, cpuMs: 0.08 },
      ours: { rate: 7_000, cpuMs: 0.16 },
      rateRatio: 0.5,
      cpuRatio: 2,
      databaseCpuMs: 0.04,
    },
  ],
  facts: [{ name: 'shared', value: 29, unit: 'activities' }],
};
const latency: Report = { ...EMPTY, latency: [{ name: 'way', samples: [1, 2, 3, 4] }] };

test('reports are put together in order', () => {
  const merged = mergeReports([inbound, latency, EMPTY]);
  expect(merged.throughput).toEqual(inbound.throughput);
  expect(merged.latency).toEqual(latency.latency);
  expect(merged.facts).toEqual(inbound.facts);
});

test('a row says floor, gateway, and one by the other', () => {
  const [, , row] = renderReport(inbound).split('\n');
  expect(row?.split(/ {2,}/u)).toEqual(['inbound', '14000', '7000', '50 %', '0.08', '0.16', '2', '0.04']);
});

test('latencies are told by their middle and their slow end', () => {
  expect(renderReport(latency).split('\n').at(-1)?.split(/ {2,}/u)).toEqual(['way', '2', '4']);
});

test('what was not measured has no table', () => {
  expect(renderReport(EMPTY)).toBe('');
  expect(renderReport(latency)).not.toContain('per second');
  expect(renderReport(mergeReports([inbound, latency])).split('\n\n')).toHaveLength(3);
});
