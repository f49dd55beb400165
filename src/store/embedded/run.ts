import { spawn } from 'node:child_process';

/** The system account as which the database runs. Undefined: as whoever this process is. */
export type Account = { readonly uid: number; readonly gid: number };

/** Nothing of our environment (secrets may lie in it) goes to the database; its messages are in English. */
export const bareEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
});

const OUTPUT_CHARACTERS = 20_000;

/** Runs a program to its end. A program that cannot be started is code 127 with the reason as output. */
export const runProgram = (
  program: string,
  args: readonly string[],
  account?: Account,
): Promise<{ readonly code: number; readonly output: string }> =>
  new Promise((resolve) => {
    const child = spawn(program, args, {
      ...account,
      cwd: '/',
      env: bareEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk: string): void => {
      output = (output + chunk).slice(-OUTPUT_CHARACTERS);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.once('error', (error) => resolve({ code: 127, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
