import { expect, test } from 'vitest';
import { trustProxies } from '../../src/activitypub/client-address.ts';

const trusts = trustProxies(['loopback', '10.0.0.0/8', '192.0.2.7', '2001:db8::/32']);

test.each([
  undefined,
  '127.0.0.1',
  '127.9.9.9',
  '::1',
  '::ffff:127.0.0.1',
  '10.1.2.3',
  '::ffff:10.1.2.3',
  '192.0.2.7',
  '2001:db8:1::5',
])('%s is a proxy of ours', (address) => {
  expect(trusts(address)).toBe(true);
});

test.each(['192.0.2.8', '11.0.0.1', '2001:db9::1', 'unknown', '', '10.1.2.3, 1.2.3.4'])(
  '%j is a stranger',
  (address) => {
    expect(trusts(address)).toBe(false);
  },
);

test('nobody is trusted where nobody is named, but the socket of a folder', () => {
  expect(trustProxies([])('127.0.0.1')).toBe(false);
  expect(trustProxies([])(undefined)).toBe(true);
});

test.each(['nonsense', '10.0.0.0/99', ''])('%j is no network', (text) => {
  expect(() => trustProxies([text])).toThrow();
});
