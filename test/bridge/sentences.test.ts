import { describe, expect, test } from 'vitest';
import type { Refusal, RefusalReason } from '../../src/bridge/outcome.ts';
import {
  type Catalogue,
  cutMark,
  delayedText,
  ENGLISH,
  firstContactText,
  groupMark,
  noTextMark,
  refusalText,
  visibilityMark,
  warningLine,
  welcomeText,
} from '../../src/bridge/sentences.ts';

/** Total by its type: a new reason does not compile until it stands here. */
const NAMES_HOST: Readonly<Record<RefusalReason, boolean>> = {
  'malformed-address': false,
  'not-found': true,
  gone: false,
  'host-not-found': true,
  'host-unreachable': true,
  'refused-by-host': true,
  'blocked-by-person': false,
  policy: false,
  'over-limit': false,
  'not-registered': false,
  'registration-closed': false,
  'domain-not-allowed': false,
  encrypted: false,
  'too-long': false,
  'not-supported': false,
  'rejected-by-host': true,
  internal: false,
};
const isReason = (key: string): key is RefusalReason => key in NAMES_HOST;
const reasons = Object.keys(NAMES_HOST).filter(isReason);

describe.each(reasons)('the refusal %s', (reason) => {
  const text = (refusal: Omit<Refusal, 'reason'>): string => refusalText({ reason, ...refusal });

  test('is one or two whole sentences', () => {
    expect(text({})).toMatch(/^[A-Z].{20,170}\.$/u);
    expect(text({})).not.toContain('{');
  });

  test('names the host where that helps', () => {
    expect(text({ host: 'm.example' }).includes('m.example')).toBe(NAMES_HOST[reason]);
    expect(text({}).includes('the other server')).toBe(NAMES_HOST[reason]);
  });
});

test('no two reasons read the same', () => {
  expect(new Set(reasons.map((reason) => refusalText({ reason }))).size).toBe(reasons.length);
});

test('who moved is found at the new address', () => {
  expect(refusalText({ reason: 'gone', movedTo: 'bob%new.example@ap.example' })).toContain(
    'bob%new.example@ap.example',
  );
});

test('a value with braces or dollar signs is only text', () => {
  expect(refusalText({ reason: 'not-found', host: '{host} $& $1' })).toContain('at {host} $& $1.');
});

test('the welcome tells name, page, what is public, who can read along and how to leave', () => {
  const text = welcomeText({
    handle: '@alice@ap.example',
    profileUrl: 'https://ap.example/@alice',
    domain: 'ap.example',
  });
  for (const part of [
    '@alice@ap.example',
    'https://ap.example/@alice',
    'made from your XMPP address',
    'not end-to-end encrypted',
    'administrators',
    'leave',
  ]) {
    expect(text).toContain(part);
  }
});

test('notices name the person they are about', () => {
  expect(firstContactText({ handle: '@bob@m.example' })).toMatch(/@bob@m\.example.*filtered notifications/u);
  expect(delayedText({ handle: '@bob@m.example', host: 'm.example' })).toContain('@bob@m.example');
});

test('marks carry the link, and there is none for a direct message', () => {
  const url = 'https://m.example/@bob/1';
  expect(visibilityMark('direct', url)).toBeUndefined();
  expect(visibilityMark('public', url)).toMatch(/^\(public post: https:\/\/m\.example\/@bob\/1 /u);
  expect(visibilityMark('unlisted', url)).toMatch(/^\(unlisted post: /u);
  expect(visibilityMark('followers', url)).toMatch(/^\(for followers only: /u);
  expect(cutMark(url)).toContain(url);
  expect(noTextMark(url)).toContain(url);
  expect(warningLine('food')).toBe('CW: food');
});

test('a conversation names ten people and counts the rest', () => {
  const people = Array.from({ length: 12 }, (_, index) => `@p${index}@m.example`);
  expect(groupMark([])).toBeUndefined();
  expect(groupMark(people.slice(0, 2))).toContain('@p0@m.example, @p1@m.example –');
  expect(groupMark(people)).toContain('@p9@m.example and 2 more –');
});

test('another catalogue speaks another language', () => {
  const german: Catalogue = { ...ENGLISH, 'refusal.gone': 'Dieses Konto gibt es nicht mehr.' };
  expect(refusalText({ reason: 'gone' }, german)).toBe('Dieses Konto gibt es nicht mehr.');
});
