import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Database, Db } from '../../src/store/database.ts';
import { watchDatabase } from '../../src/store/database-health.ts';
import { cannotWrite, describeDatabaseTrouble } from '../../src/store/database-trouble.ts';

const coded = (code: string): Error => Object.assign(new Error('details with postgres://u:p@h/d'), { code });
const FULL = coded('53100');

/** A database that answers as the test says. */
const begin = () => {
  const asked: string[] = [];
  const world: { answer: () => Promise<void>; now: number } = { answer: () => Promise.resolve(), now: 0 };
  const query: Db['query'] = async (text) => {
    asked.push(text);
    await world.answer();
    return { rows: [], rowCount: 0 };
  };
  const db: Database = {
    query,
    transaction: (work) => work({ query }),
    close: () => Promise.resolve(),
    stats: () => ({ total: 0, idle: 0, waiting: 0 }),
  };
  return { asked, world, ...watchDatabase({ db, clock: () => world.now }) };
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('one question serves all who ask within a second', async () => {
  const { asked, world, problem } = begin();
  expect(await Promise.all([problem(), problem(), problem()])).toEqual([undefined, undefined, undefined]);
  world.now = 999;
  await problem();
  expect(asked).toEqual(['select']);
  world.now = 1_000;
  await problem();
  expect(asked).toHaveLength(2);
});

test('no answer within two seconds is an answer, and nobody asks a second time meanwhile', async () => {
  const { asked, world, problem } = begin();
  world.answer = () => new Promise(() => {});
  const first = problem();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await first).toBe('The database does not answer.');
  world.now = 60_000;
  const second = problem();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await second).toBe('The database does not answer.');
  expect(asked).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('after a write that failed, it is not well until one succeeds', async () => {
  const { asked, world, db, problem } = begin();
  world.answer = () => Promise.reject(FULL);
  await expect(db.query('insert')).rejects.toBe(FULL);
  expect(await problem()).toBe('The disk of the database is full.');
  expect(asked.at(-1)).toContain('create temp table');
  world.answer = () => Promise.resolve();
  world.now = 1_000;
  expect(await problem()).toBeUndefined();
  world.now = 2_000;
  await problem();
  expect(asked.at(-1)).toBe('select');
});

test('a failed transaction counts too, and its error is the caller’s', async () => {
  const { asked, db, problem } = begin();
  await expect(db.transaction(() => Promise.reject(FULL))).rejects.toBe(FULL);
  await problem();
  expect(asked.at(-1)).toContain('create temp table');
});

describe('in words', () => {
  test.each([
    [coded('53100'), 'The disk of the database is full.'],
    [coded('53300'), 'The database has no connection free for the gateway.'],
    [coded('57P01'), 'The database is shutting down or starting.'],
    [coded('25006'), 'The database is read-only.'],
    [coded('28P01'), 'The database refuses the login of the gateway.'],
    [coded('EMFILE'), 'The gateway has too many files and connections open.'],
    [coded('ECONNREFUSED'), 'The database does not answer.'],
    [
      new Error('timeout exceeded when trying to connect'),
      'The database does not answer, or all connections to it are in use.',
    ],
    ['thrown', 'The database does not answer.'],
  ])('%s', (error, sentence) => {
    expect(describeDatabaseTrouble(error)).toBe(sentence);
  });

  test('nothing of the error itself is told', () => {
    for (const code of ['53100', '28P01', '3D000', 'XX000', '99999'])
      expect(describeDatabaseTrouble(coded(code))).not.toContain('postgres://');
  });

  test('only what keeps from writing asks for a probe', () => {
    expect(['53100', '25006', '58030', 'ENOSPC'].every((code) => cannotWrite(coded(code)))).toBe(true);
    expect(['53300', '57P01', 'ECONNREFUSED', ''].some((code) => cannotWrite(coded(code)))).toBe(false);
    expect(cannotWrite('53100')).toBe(false);
  });
});
