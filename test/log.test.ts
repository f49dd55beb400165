import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLog, type Log, toError } from '../src/log.ts';
import { anyString } from './support/any-string.ts';
import { quickest } from './support/quickest.ts';

const NOON = Date.UTC(2026, 10, 21, 12);

function recording(level: Parameters<typeof createLog>[0]['level'] = 'debug', hide: readonly string[] = []) {
  const lines: string[] = [];
  const log: Log = createLog({ level, write: (line) => lines.push(line), now: () => NOON, hide });
  const entries = (): readonly Record<string, unknown>[] => lines.map((line) => JSON.parse(line));
  return { log, lines, entries };
}

test('an event is one line of JSON with its level, its time and its fields', () => {
  const { log, lines } = recording();
  log.info('delivery-failed', { host: 'social.example', attempt: 3, final: false, reasons: ['a', 'b'] });
  expect(lines.join('')).toMatch(/^[^\n]+\n$/u);
  expect(JSON.parse(lines.join(''))).toEqual({
    level: 'info',
    time: '2026-11-21T12:00:00.000Z',
    event: 'delivery-failed',
    host: 'social.example',
    attempt: 3,
    final: false,
    reasons: ['a', 'b'],
  });
});

test.each([
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['info', ['info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
] as const)('level %s lets pass %j', (level, passed) => {
  const { log, entries } = recording(level);
  for (const severity of ['debug', 'info', 'warn', 'error'] as const) log[severity]('tick');
  expect(entries().map((entry) => entry['level'])).toEqual(passed);
});

describe('what must not stand in a log', () => {
  test('is refused by the type where its name is known, and struck out where a cast got past it', () => {
    const { log, lines } = recording();
    const names = ['body', 'content', 'subject', 'secret', 'password', 'signature', 'authorization', 'token'];
    for (const name of [...names, 'privateKey']) log.info('message', Object.fromEntries([[name, 'MARK']]));
    expect(lines).toHaveLength(9);
    expect(lines.join('')).not.toContain('MARK');
  });

  test('known secrets are struck out wherever they are', () => {
    const { log, lines } = recording('debug', ['hunter22', 'abc']);
    const cause = new Error('password hunter22 refused');
    log.error('start-failed', {
      error: new Error('no hunter22', { cause }),
      at: 'x hunter22',
      all: ['hunter22'],
    });
    expect(lines.join('')).not.toContain('hunter22');
    log.info('alphabet', { letters: 'abcdef' }); // too short to be searched for
    expect(lines.join('')).toContain('abcdef');
  });

  test('name and password of a URL are struck out, the rest of it stays', () => {
    const { log, entries } = recording();
    log.warn('database-away', { url: 'postgres://me:pass@db.example:5432/x and https://a.example/@bob' });
    expect(entries()[0]?.['url']).toBe('postgres://[hidden]@db.example:5432/x and https://a.example/@bob');
  });
});

test('an error is told whole: message, code, stack and causes', () => {
  const { log, entries } = recording();
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', query: 'select MARK' });
  log.error('uncaught-error', { error: new TypeError('away', { cause: refused }) });
  expect(entries()[0]?.['error']).toEqual({
    name: 'TypeError',
    message: 'away',
    stack: expect.stringContaining('log.test.ts'),
    cause: { name: 'Error', message: 'refused', code: 'ECONNREFUSED', stack: expect.any(String) },
  });
});

test('causes that go in a circle end', () => {
  const { log, lines } = recording();
  const error = new Error('round');
  error.cause = error;
  log.error('uncaught-error', { error });
  expect(lines).toHaveLength(1);
  expect(lines.join('').length).toBeLessThan(100_000);
});

test('whatever a stranger sends, an event stays one line of bounded length', () => {
  fc.assert(
    fc.property(anyString({ maxLength: 3_000 }), fc.array(fc.string(), { maxLength: 80 }), (text, all) => {
      const { log, lines } = recording();
      log.info('stanza-refused', { text: `${text}\n{"event":"forged"}`, all });
      expect(lines).toHaveLength(1);
      expect(lines.join('').trimEnd().split('\n')).toHaveLength(1);
      expect(JSON.parse(lines.join('')).event).toBe('stanza-refused');
    }),
  );
});

test('a hostile text is cleaned in time that grows with its length only', () => {
  const { log } = recording();
  const hostile = { text: '://'.repeat(300_000), other: `://${'a'.repeat(900_000)}` };
  expect(quickest(2_000, () => log.info('stanza-refused', hostile))).toBeLessThan(2_000);
});

test('whatever was thrown is logged as an error', () => {
  const error = new TypeError('bug');
  expect(toError(error)).toBe(error);
  expect(toError('away')).toEqual(new Error('away'));
  expect(toError(undefined)).toEqual(new Error('undefined'));
});
