import { parseArguments, USAGE } from './arguments.ts';
import { renderReport } from './report.ts';
import { runBench } from './run.ts';

/** From sysexits(3): the command was used wrongly. */
const EX_USAGE = 64;

const args = parseArguments(process.argv.slice(2));
if (args === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = EX_USAGE;
} else {
  const report = await runBench(args, (sentence) => void process.stderr.write(`${sentence}\n`));
  process.stdout.write(`${renderReport(report)}\n`);
}
