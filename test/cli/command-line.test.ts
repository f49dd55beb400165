import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { type CommandLineDeps, runCommandLine } from '../../src/cli/command-line.ts';
import type { Answer, Commands } from '../../src/cli/commands.ts';

const ENV = { CAUSEWAY_DOMAIN: 'ap.xmpp.example', CAUSEWAY_XMPP_SECRET: 'letmein' };
const good: Answer = { ok: true, lines: ['one', 'two'], data: { found: ['one', 'two'] } };

/** Runs a command line against commands that only answer, and shows what was written. */
async function run(argv: readonly string[], more: Partial<Commands> = {}, env: CommandLineDeps['env'] = ENV) {
  let out = '';
  let error = '';
  const events = new EventEmitter();
  const asked: unknown[] = [];
  const answer =
    (name: string) =>
    (config: { domain: string }, _: unknown, target?: string): Promise<Answer> => {
      asked.push([name, config.domain, target]);
      return Promise.resolve(good);
    };
  const code = await runCommandLine(
    {
      commands: {
        runGateway: () => {
          queueMicrotask(() => events.emit('SIGTERM'));
          return Promise.resolve({ stop: () => Promise.resolve() });
        },
        doctor: answer('doctor'),
        migrate: answer('migrate'),
        status: answer('status'),
        resolve: answer('resolve'),
        ...more,
      },
      env,
      cwd: '/srv',
      readText: () => ({ kind: 'absent' }),
      version: '1.2.3',
      writeOut: (text) => {
        out += text;
      },
      writeError: (text) => {
        error += text;
      },
      now: () => 0,
      events,
    },
    argv,
  );
  return { code, out, error, asked };
}

test('help and version need no configuration', async () => {
  expect(await run(['--version'], {}, {})).toMatchObject({ code: 0, out: 'causeway 1.2.3\n', error: '' });
  expect((await run(['--help'], {}, {})).out).toContain('Usage: causeway');
});

test('a wrong command line is 64, on standard error', async () => {
  const { code, out, error } = await run(['rnu']);
  expect({ code, out }).toEqual({ code: 64, out: '' });
  expect(error).toContain('Did you mean "run"?');
});

test('a wrong configuration is 78, with every problem on a line of its own', async () => {
  const { code, error, asked } = await run(['status'], {}, { CAUSEWAY_DOMAN: 'x' });
  expect(code).toBe(78);
  expect(error.match(/^ {2}- /gmu)).toHaveLength(3);
  expect(asked).toEqual([]);
});

describe('a command', () => {
  test.each(['doctor', 'migrate', 'status'])('%s gets the configuration and prints lines', async (name) => {
    expect(await run([name])).toEqual({
      code: 0,
      out: 'one\ntwo\n',
      error: '',
      asked: [[name, 'ap.xmpp.example', undefined]],
    });
  });

  test('prints one JSON document with --json', async () => {
    const { out, asked } = await run(['resolve', '@a@b.example', '--json']);
    expect(JSON.parse(out)).toEqual(good.data);
    expect(asked).toEqual([['resolve', 'ap.xmpp.example', '@a@b.example']]);
  });

  test('that found something wrong ends with 1', async () => {
    expect((await run(['doctor'], { doctor: () => Promise.resolve({ ...good, ok: false }) })).code).toBe(1);
  });

  test('logs to standard error, so that the answer stands alone', async () => {
    const { out, error } = await run(['status', '--json'], {
      status: (_, log) => {
        log.warn('database-away');
        return Promise.resolve(good);
      },
    });
    expect(JSON.parse(out)).toEqual(good.data);
    expect(JSON.parse(error)).toMatchObject({ event: 'database-away' });
  });

  test('that refuses says why, that fails says all, and none tells a secret', async () => {
    const refusal = Object.assign(new Error('the secret key is another one'), { name: 'StartRefusal' });
    const refused = await run(['migrate'], { migrate: () => Promise.reject(refusal) });
    expect(refused).toMatchObject({ code: 78, error: 'causeway migrate: the secret key is another one\n' });
    const failed = await run(['migrate'], { migrate: () => Promise.reject(new Error('letmein is wrong')) });
    expect(failed.code).toBe(70);
    expect(JSON.parse(failed.error)).toMatchObject({
      event: 'command-failed',
      error: { message: '[hidden] is wrong' },
    });
  });
});

describe('run', () => {
  const events = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event);

  test('logs to standard output until it is stopped', async () => {
    const { code, out, error } = await run(['run']);
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(events(out)).toEqual(['starting', 'stopping', 'stopped']);
  });

  test('warns at each start where private addresses are allowed', async () => {
    const { out } = await run(['run'], {}, { ...ENV, CAUSEWAY_DEV_ALLOW_PRIVATE_ADDRESSES: 'true' });
    const line = out.split('\n').find((each) => each.includes('development-only')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      level: 'warn',
      message: expect.stringContaining('dev.allow_private_addresses'),
    });
  });
});
