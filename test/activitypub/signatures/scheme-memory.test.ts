import { expect, test } from 'vitest';
import {
  createSchemeMemory,
  NO_MEMORY,
  type Scheme,
} from '../../../src/activitypub/signatures/scheme-memory.ts';

const setUp = (stored: readonly (readonly [string, Scheme])[] = []) => {
  const rows = new Map(stored);
  const asked: string[] = [];
  let time = 1;
  const memory = createSchemeMemory({
    now: () => time,
    find: async (host) => {
      asked.push(host);
      return rows.get(host);
    },
    remember: async (host, scheme) => {
      if (host === 'away.example') throw new Error('database away');
      rows.set(host, scheme);
    },
  });
  return { memory, rows, asked, pass: (ms: number) => (time += ms) };
};

test('a host of which nothing is known takes draft-cavage, and the store is asked once', async () => {
  const { memory, asked } = setUp();
  expect([await memory.first('m.example'), await memory.first('m.example')]).toEqual(['cavage', 'cavage']);
  expect(asked).toEqual(['m.example']);
});

test('what is stored counts', async () => {
  expect(await setUp([['m.example', 'rfc9421']]).memory.first('m.example')).toBe('rfc9421');
});

test('what was learnt counts at once and is stored', async () => {
  const { memory, rows } = setUp();
  await memory.first('m.example');
  await memory.learn('m.example', 'rfc9421');
  expect(await memory.first('m.example')).toBe('rfc9421');
  expect(rows.get('m.example')).toBe('rfc9421');
});

test('after a minute the store is asked again: its time may be over, or another process has learnt', async () => {
  const { memory, rows, asked, pass } = setUp([['m.example', 'rfc9421']]);
  await memory.first('m.example');
  rows.delete('m.example');
  pass(59_999);
  expect(await memory.first('m.example')).toBe('rfc9421');
  pass(2);
  expect(await memory.first('m.example')).toBe('cavage');
  expect(asked).toHaveLength(2);
  await memory.learn('m.example', 'rfc9421');
  rows.delete('m.example');
  pass(60_001);
  expect(await memory.first('m.example')).toBe('cavage');
});

test('a store that is away: learning is no failure, asking is', async () => {
  const { memory } = setUp();
  await memory.learn('away.example', 'rfc9421');
  expect(await memory.first('away.example')).toBe('rfc9421');
  const away = createSchemeMemory({
    find: () => Promise.reject(new Error('database away')),
    remember: async () => undefined,
  });
  await expect(away.first('m.example')).rejects.toThrow('database away');
});

test('without a store nothing is learnt', async () => {
  await NO_MEMORY.learn('m.example', 'rfc9421');
  expect(await NO_MEMORY.first('m.example')).toBe('cavage');
});
