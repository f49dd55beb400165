import { fork } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { z } from 'zod';

/** A process of the benchmark: it does one thing when asked and answers with what it measured. */
export type Part = {
  readonly pid: number;
  /** Rejects with the process's own error, or when it ends. */
  readonly ask: <T>(question: string, input: unknown, answer: z.ZodType<T>) => Promise<T>;
  /** What it has used of the processors since its start, all its threads, in milliseconds. */
  readonly cpuMs: () => Promise<number>;
  readonly stop: () => Promise<void>;
};

export type PartOptions = {
  /** A file of `children/`. */
  readonly file: string;
  /** Both outputs go here. */
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
};

const reply = z.object({ id: z.number(), value: z.unknown().optional(), error: z.string().optional() });

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };

/** What somebody has set for a gateway of their own shall not reach one of these. */
const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CAUSEWAY_')));

/** Starts one. It ends with this process, whatever ends this one. */
export const startPart = ({ file, logFile, env = {} }: PartOptions): Part => {
  const log = openSync(logFile, 'w');
  const child = fork(new URL(`children/${file}`, import.meta.url), {
    // Not those of a test runner.
    execArgv: [],
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const waiting = new Map<number, Waiting>();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const abandon = (why: string): void => {
    const words = readFileSync(logFile, 'utf8').trim().slice(-2_000);
    for (const { reject } of waiting.values()) reject(new Error(`${file} ${why}: ${words}`));
    waiting.clear();
  };
  child.once('error', () => abandon('could not be started'));
  child.once('exit', () => abandon('ended'));
  child.on('message', (message) => {
    const said = reply.parse(message);
    const waiter = waiting.get(said.id);
    waiting.delete(said.id);
    if (said.error !== undefined) waiter?.reject(new Error(`${file}: ${said.error}`));
    else waiter?.resolve(said.value);
  });
  let count = 0;
  const ask: Part['ask'] = async (question, input, answer) => {
    count += 1;
    const id = count;
    const said = await new Promise<unknown>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      if (child.connected) child.send({ id, question, input });
      else abandon('is not there');
    });
    return answer.parse(said);
  };
  return {
    pid: child.pid ?? 0,
    ask,
    cpuMs: () => ask('cpuMs', undefined, z.number()),
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
};
