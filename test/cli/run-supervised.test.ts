import { expect, test } from 'vitest';
import { runSupervised } from '../../src/cli/run-supervised.ts';
import type { Log } from '../../src/log.ts';

const begin = (startWatchdog = (): Promise<void> => Promise.resolve()) => {
  const happened: string[] = [];
  const note = (name: string) => () => void happened.push(name);
  const log: Log = {
    debug: () => {},
    info: () => {},
    warn: (event) => void happened.push(event),
    error: () => {},
  };
  const run = runSupervised(
    {
      systemd: { ready: note('ready'), stopping: note('stopping'), close: note('close') },
      startWatchdog: async () => {
        happened.push('watch');
        await startWatchdog();
      },
      log,
    },
    () => {
      happened.push('start');
      return Promise.resolve({
        stop: () => {
          happened.push('stop');
          return Promise.resolve();
        },
      });
    },
  );
  return { happened, run };
};

test('watched before the start, ready after it, stopping before the end', async () => {
  const { happened, run } = begin();
  const gateway = await run;
  expect(happened).toEqual(['watch', 'start', 'ready']);
  await gateway.stop();
  expect(happened).toEqual(['watch', 'start', 'ready', 'stopping', 'stop', 'close']);
});

test('without a watchdog it runs all the same, and says so', async () => {
  const { happened, run } = begin(() => Promise.reject(new Error('no threads left')));
  await run;
  expect(happened).toEqual(['watch', 'no-watchdog', 'start', 'ready']);
});

test('a start that fails is never ready', async () => {
  const happened: string[] = [];
  const note = (name: string) => () => void happened.push(name);
  const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const systemd = { ready: note('ready'), stopping: note('stopping'), close: note('close') };
  const deps = { systemd, startWatchdog: () => Promise.resolve(), log };
  await expect(runSupervised(deps, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(happened).toEqual([]);
});
