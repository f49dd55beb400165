import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressKey, createRateLimit, siteKey } from '../../src/activitypub/rate-limit.ts';

/** Begins well after zero, as a process that has run for a while. */
const clock = () => {
  let time = 1_000_000;
  return {
    now: () => time,
    pass: (ms: number) => {
      time += ms;
    },
  };
};

test('the bucket gives what it holds, then names the seconds until there is more', () => {
  const { now, pass } = clock();
  const limit = createRateLimit({ perMinute: 6, now });
  for (let i = 0; i < 6; i += 1) expect(limit.take('a')).toBeUndefined();
  expect(limit.take('a')).toBe(10);
  expect(limit.take('b')).toBeUndefined();
  pass(4_000);
  expect(limit.take('a')).toBe(6);
  pass(6_000);
  expect(limit.take('a')).toBeUndefined();
  expect(limit.take('a')).toBe(10);
});

test('a minute of rest fills the bucket, never more than once', () => {
  const { now, pass } = clock();
  const limit = createRateLimit({ perMinute: 3, now });
  for (let i = 0; i < 4; i += 1) limit.take('a');
  pass(3_600_000);
  const taken = Array.from({ length: 4 }, () => limit.take('a'));
  expect(taken).toEqual([undefined, undefined, undefined, 20]);
});

test('a burst of some minutes’ worth comes back with time, and no more than a burst of it', () => {
  const { now, pass } = clock();
  const limit = createRateLimit({ perMinute: 120, burstMinutes: 5, now });
  const count = (tries: number) =>
    Array.from({ length: tries }, () => limit.take('a')).filter((wait) => wait === undefined).length;
  expect(count(1_000)).toBe(600);
  expect(count(1)).toBe(0);
  pass(30_000);
  expect(count(1_000)).toBe(60);
  pass(200_000);
  expect(count(1_000)).toBe(400);
  pass(3_600_000);
  expect(count(1_000)).toBe(600);
});

test('zero means no limit', () => {
  const limit = createRateLimit({ perMinute: 0, now: () => 0 });
  for (let i = 0; i < 10_000; i += 1) expect(limit.take('a')).toBeUndefined();
});

test('over any stretch no more than the burst and the refill get through', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 300 }),
      (perMinute, burstMinutes, gaps) => {
        const { now, pass } = clock();
        const limit = createRateLimit({ perMinute, burstMinutes, now });
        const start = now();
        let taken = 0;
        for (const gap of gaps) {
          pass(gap);
          if (limit.take('a') === undefined) taken += 1;
        }
        expect(taken).toBeLessThanOrEqual(
          burstMinutes * perMinute + ((now() - start) * perMinute) / 60_000 + 1e-6,
        );
      },
    ),
  );
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['::1', '0:0:0:0::/64'],
  ['unknown', 'unknown'],
])('the address %s is counted as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});

test.each([
  ['m.example', 'm.example'],
  ['a.b.m.example:8443', 'm.example'],
  ['M.Example', 'm.example'],
  ['a.shop.co.uk', 'shop.co.uk'],
  ['a.masto.host', 'masto.host'],
  ['127.0.0.1:80', '127.0.0.1'],
  ['[::1]:80', '[::1]'],
  ['localhost:3000', 'localhost'],
  ['', ''],
])('%s is counted as %s', (host, key) => {
  expect(siteKey(host)).toBe(key);
});
