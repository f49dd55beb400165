import type { Seen } from './fault.ts';
import { FAULTS } from './rows.ts';

const HEAD = `# Faults

What can go wrong on one machine, made on purpose: a real Prosody, a real PostgreSQL, the gateway as a process of
its own, a Fediverse server that does what a script says, and wires between them that can be cut. A ledger of ids on
both ends tells what was lost, shown twice or shown out of order. \`npm run test:faults\` makes every fault and writes
this file; nobody edits it.

| | fault | how it is made | promised | within | seen |
|---|---|---|---|---|---|
`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/gu, ' ').trim();

/** The file: a row for each fault of the suite, whether it was seen or not. */
export const renderTable = (seen: ReadonlyMap<string, string>): string => {
  const rows = FAULTS.map(({ row, fault, how, promised, recoverWithinMs }) => {
    const within = `${recoverWithinMs / 1_000} s`;
    const cells = [row, fault, how, promised, within, seen.get(row) ?? 'not run'];
    return `| ${cells.map(cell).join(' | ')} |\n`;
  });
  return HEAD + rows.join('');
};

const CELLS = 6;

/** What an earlier run saw, out of the file that it wrote. */
export const parseTable = (text: string): readonly Seen[] =>
  text.split('\n').flatMap((line) => {
    if (!line.startsWith('| ')) return [];
    const cells = line
      .slice(2, -2)
      .split(' | ')
      .map((each) => each.replaceAll('\\|', '|'));
    const [row, , , , , seen] = cells;
    if (cells.length !== CELLS || row === undefined || seen === undefined) return [];
    return FAULTS.some((fault) => fault.row === row) && seen !== 'not run' ? [{ row, seen }] : [];
  });
