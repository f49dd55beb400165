import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isInboxType, wantsActivity } from '../../src/activitypub/negotiate.ts';
import { anyString } from '../support/any-string.ts';

const PROFILE = 'https://www.w3.org/ns/activitystreams';

test.each([
  'application/activity+json',
  'application/ld+json',
  `application/ld+json; profile="${PROFILE}"`,
  `application/activity+json, application/ld+json; profile="${PROFILE}"`,
  'text/html;q=0.1, Application/Activity+JSON;q=0.9',
  'application/ld+json;profile="a,b;c\\"d", text/html',
])('a reader of %j gets the document', (accept) => {
  expect(wantsActivity(accept)).toBe(true);
});

test.each([
  undefined,
  '',
  '*/*',
  'text/html',
  'application/json',
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8',
  'application/activity+json;q=0, text/html',
  'application/activity+json;q=0.0',
  'text/plain;x="application/activity+json"',
  'text/plain;x=", application/activity+json ,"',
  'application/activity+jsonp',
])('a reader of %j gets the page', (accept) => {
  expect(wantsActivity(accept)).toBe(false);
});

test.each([
  'application/activity+json',
  'application/activity+json; charset=utf-8',
  'APPLICATION/ACTIVITY+JSON;charset="UTF-8"',
  `application/ld+json; profile="${PROFILE}"`,
  `application/ld+json; profile="https://other.example/x ${PROFILE}"`,
])('an inbox takes %j', (type) => {
  expect(isInboxType(type)).toBe(true);
});

test.each([
  undefined,
  '',
  'application/json',
  'application/ld+json',
  'application/ld+json; profile="https://www.w3.org/ns/activitystreams-not"',
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/activity+json; charset=utf-16',
])('an inbox refuses %j', (type) => {
  expect(isInboxType(type)).toBe(false);
});

test('no header can stop the reader', () => {
  fc.assert(
    fc.property(anyString({ maxLength: 200 }), (text) => {
      expect(typeof wantsActivity(text)).toBe('boolean');
      expect(typeof isInboxType(text)).toBe('boolean');
    }),
  );
});

test('what is added before and after never hides the type', () => {
  const other = fc.constantFrom('text/html', 'image/png;q=0.3', '*/*', 'text/plain;x="a,\\"b"');
  fc.assert(
    fc.property(fc.array(other), fc.array(other), (before, after) => {
      expect(wantsActivity([...before, 'application/activity+json', ...after].join(', '))).toBe(true);
    }),
  );
});
