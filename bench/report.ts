import type { Comparison } from './compare.ts';
import { percentile, renderNumber, renderShare } from './numbers.ts';
import { renderTable } from './table.ts';

/** One line of work, beside its floor. */
export type Throughput = Comparison & {
  readonly name: string;
  /** What PostgreSQL used of the processors for each, in milliseconds. */
  readonly databaseCpuMs: number;
};

/** Milliseconds, one for each message. */
export type Latency = { readonly name: string; readonly samples: readonly number[] };

export type Fact = { readonly name: string; readonly value: number; readonly unit: string };

/** What one part of the benchmark found. */
export type Report = {
  readonly throughput: readonly Throughput[];
  readonly latency: readonly Latency[];
  readonly facts: readonly Fact[];
};

export const mergeReports = (reports: readonly Report[]): Report => ({
  throughput: reports.flatMap(({ throughput }) => throughput),
  latency: reports.flatMap(({ latency }) => latency),
  facts: reports.flatMap(({ facts }) => facts),
});

const THROUGHPUT = [
  'per second',
  'floor',
  'gateway',
  'of floor',
  'floor CPU ms',
  'gateway CPU ms',
  'times floor',
  'database CPU ms',
];

const renderThroughput = (row: Throughput): readonly string[] => [
  row.name,
  renderNumber(row.floor.rate),
  renderNumber(row.ours.rate),
  renderShare(row.rateRatio),
  renderNumber(row.floor.cpuMs),
  renderNumber(row.ours.cpuMs),
  renderNumber(row.cpuRatio),
  renderNumber(row.databaseCpuMs),
];

const renderLatency = ({ name, samples }: Latency): readonly string[] => [
  name,
  renderNumber(percentile(samples, 0.5)),
  renderNumber(percentile(samples, 0.95)),
];

/** All of it as plain text; a kind that was not measured is left out. */
export const renderReport = ({ throughput, latency, facts }: Report): string => {
  const tables = [
    throughput.length > 0 && renderTable(THROUGHPUT, throughput.map(renderThroughput)),
    latency.length > 0 && renderTable(['milliseconds', 'p50', 'p95'], latency.map(renderLatency)),
    facts.length > 0 &&
      renderTable(
        ['other', 'value', 'unit'],
        facts.map(({ name, value, unit }) => [name, renderNumber(value), unit]),
      ),
  ];
  return tables.filter((table) => table !== false).join('\n\n');
};
