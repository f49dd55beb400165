import { readText } from '../read-text.ts';
import { readVersion } from '../version.ts';
import { runCommandLine } from './command-line.ts';
import { commands } from './wiring.ts';

/** Runs this process's command line and leaves with its exit code, whatever is still open. */
export async function runProcess(process: NodeJS.Process): Promise<never> {
  const code = await runCommandLine(
    {
      commands,
      env: process.env,
      cwd: process.cwd(),
      readText,
      version: readVersion(),
      writeOut: (text) => process.stdout.write(text),
      writeError: (text) => process.stderr.write(text),
      now: Date.now,
      events: process,
    },
    process.argv.slice(2),
  );
  // A pipe that nobody has read yet would be cut: wait until both outputs are taken.
  await Promise.all(
    [process.stdout, process.stderr].map((out) => new Promise((taken) => out.write('', taken))),
  );
  return process.exit(code);
}
