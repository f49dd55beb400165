import { createUndoStack } from '../test/support/undo.ts';
import { parseArguments, USAGE } from './arguments.ts';
import { renderReport } from './report.ts';
import { runBench } from './run.ts';

/** From sysexits(3): the command was used wrongly; it was broken off. */
const EX_USAGE = 64;
const EX_TEMPFAIL = 75;

const args = parseArguments(process.argv.slice(2));
if (args === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = EX_USAGE;
} else {
  const undo = createUndoStack();
  // Left to itself a signal would end this process and leave the database behind.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => void undo.run().finally(() => process.exit(EX_TEMPFAIL)));
  try {
    const report = await runBench(args, undo, (sentence) => void process.stderr.write(`${sentence}\n`));
    process.stdout.write(`${renderReport(report)}\n`);
  } finally {
    await undo.run();
  }
}
