import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { createUndoStack, type UndoStack } from '../support/undo.ts';
import { FAULTS, type Fault } from './rows.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where what was seen is written down, a file a row; undefined where nobody keeps it. */
    faultsFolder: string | undefined;
  }
}

/** Measures how long the gateway takes to come back. */
export type Watch = {
  /** The cause is gone: from here on the recovery counts. */
  causeGone(): void;
  /** All is as promised again. */
  recovered(): void;
  /** What the row started: ended with it, also where it fails or takes too long. */
  readonly undo: UndoStack;
};

/** What was seen in one run of one row. */
export type Seen = { readonly row: string; readonly seen: string };

export const faultOf = (row: string): Fault => {
  const fault = FAULTS.find((each) => each.row === row);
  if (fault === undefined) throw new Error(`no fault ${row}`);
  return fault;
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

export type FaultOptions = {
  readonly timeoutMs?: number;
  /** Beside others of its file: for rows that mostly wait, each in a world of its own. */
  readonly concurrent?: boolean;
};

/**
 * In `npm test` the rows run beside other tests, on a machine that may do other things too: there so many times as long
 * is as promised. `npm run test:faults`, which keeps what it saw, has the machine to itself.
 */
const NOT_MEASURED = 5;

/**
 * One row of the table as a test. `run` makes the fault, checks what was promised, and resolves with what it saw,
 * in words. The test fails where the recovery takes longer than the row states.
 */
export const testFault = (
  row: string,
  run: (watch: Watch) => Promise<string>,
  { timeoutMs = 240_000, concurrent = false }: FaultOptions = {},
): void => {
  const fault = faultOf(row);
  test(`${row}: ${fault.fault}`, { timeout: timeoutMs, concurrent }, async ({ onTestFinished }) => {
    const undo = createUndoStack();
    onTestFinished(() => undo.run());
    try {
      const { seen, tookMs } = await measure(run, undo);
      const slack = inject('faultsFolder') === undefined ? NOT_MEASURED : 1;
      if (tookMs !== undefined) expect(tookMs, 'recovery').toBeLessThanOrEqual(slack * fault.recoverWithinMs);
      await keep({ row, seen: tookMs === undefined ? seen : `${seen}; recovered in ${seconds(tookMs)}` });
    } catch (error) {
      const [message = ''] = String(error).split('\n', 1);
      await keep({ row, seen: `FAILED: ${message.slice(0, 200)}` });
      throw error;
    }
  });
};

const measure = async (
  run: (watch: Watch) => Promise<string>,
  undo: UndoStack,
): Promise<{ readonly seen: string; readonly tookMs: number | undefined }> => {
  let begun: number | undefined;
  let tookMs: number | undefined;
  const seen = await run({
    undo,
    causeGone: () => {
      begun = performance.now();
    },
    recovered: () => {
      if (begun !== undefined) tookMs = performance.now() - begun;
    },
  });
  return { seen, tookMs };
};

const keep = async (seen: Seen): Promise<void> => {
  const folder = inject('faultsFolder');
  if (folder !== undefined) await writeFile(join(folder, `${seen.row}.json`), JSON.stringify(seen));
};
