import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KNOWN_KEYS_MS, NEW_KEYS_PER_MINUTE, REFETCHES_PER_MINUTE } from '../src/activitypub/keys.ts';
import { RETRY_AFTER } from '../src/activitypub/retry-after.ts';
import { ACTORS_SHARE, SERVER_FIGURES } from '../src/activitypub/server.ts';
import { WINDOW_MS } from '../src/activitypub/signatures/read-cavage.ts';
import { WINDOW_SECONDS } from '../src/activitypub/signatures/read-message.ts';
import { PROOF_MS, SCHEME_MS } from '../src/app-federation.ts';
import { REPORTS_PER_HOUR } from '../src/app-ports.ts';
import { FAREWELL_SECONDS } from '../src/app-web.ts';
import { SETTINGS } from '../src/config-keys.ts';
import { DEAD_AFTER_DAYS, DEAD_PAUSE_MS } from '../src/delivery/breaker.ts';
import { LIFE_MS, MAX_RETRY_AFTER, MAX_TRIES, MIN_RETRY_AFTER } from '../src/delivery/schedule.ts';
import { COOL_DOWN_MS } from '../src/gateway/moves.ts';
import { FRESH_MS } from '../src/gateway/pictures.ts';
import { MAX_PICTURE_BYTES, SIDES } from '../src/media/small-picture.ts';
import { KEY_NEWS_PAUSE_MS } from '../src/store/key-times.ts';

/** What other servers are told in FEDERATION.md is what the code does. */
const text = readFileSync(join(import.meta.dirname, '../FEDERATION.md'), 'utf8');

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
const MB = 1024 * 1024;
const WORDS: Readonly<Record<number, string>> = { 1: 'a', 5: 'fifth', 10: 'ten' };
const word = (value: number): string => WORDS[value] ?? `${value} (which no word was given for)`;

const LIMITS = [
  `at most ${SERVER_FIGURES.requestsOfConnection} requests are under way`,
  `An activity may have ${SERVER_FIGURES.bodyBytes / MB} MB`,
  `longer than ${SERVER_FIGURES.bodyMs / SECOND} seconds to come`,
  `by default it is ${SETTINGS.inboxPerMinute.fallback.toLocaleString('en')} a minute`,
  `who signed it, a ${word(ACTORS_SHARE)} of it`,
  `fetched at ${NEW_KEYS_PER_MINUTE} a minute`,
  `${RETRY_AFTER.key} seconds for a key`,
  `${RETRY_AFTER.webfinger} seconds where WebFinger`,
  `${RETRY_AFTER.room} seconds where too much is under way`,
  `${RETRY_AFTER.database} seconds where this server is not ready`,
  `tried ${MAX_TRIES} times in about ${LIFE_MS / DAY} days`,
  `between ${MIN_RETRY_AFTER / SECOND} second and ${MAX_RETRY_AFTER / HOUR} hours`,
  `after ${DEAD_AFTER_DAYS} days with failures once ${word(DEAD_PAUSE_MS / DAY)} day`,
];

test.each([
  ...LIMITS,
  `at most ${REFETCHES_PER_MINUTE} times a minute for a domain`,
  `Who signed is known within ${PROOF_MS / SECOND} seconds`,
  `counts for ${word(KNOWN_KEYS_MS / SECOND)} seconds more at most`,
  `dates may differ by ${word(WINDOW_MS / HOUR)}n hour`,
  `\`created\` within ${word((WINDOW_SECONDS * SECOND) / HOUR)}n hour`,
  `signed for so first for ${word(SCHEME_MS / DAY)} day`,
  `${word(KEY_NEWS_PAUSE_MS / SECOND)} seconds later an \`Update\``,
  `from ${word(KEY_NEWS_PAUSE_MS / SECOND)} seconds after it on`,
  `410; the actor itself is so once its \`Delete\` has arrived everywhere, after ${word(FAREWELL_SECONDS / 60)} minutes`,
  `410 once all have it, after ${word(FAREWELL_SECONDS / 60)} minutes at the latest`,
  `at most ${word(REPORTS_PER_HOUR)} of a server in an hour`,
  `where it went, once ${word(COOL_DOWN_MS / DAY / 7)} week at most`,
  `unsigned, once ${word(FRESH_MS.picture / DAY / 7)} week at most: at most ${MAX_PICTURE_BYTES / MB} MiB`,
  `at most ${SIDES[0]} pixels wide`,
  `after its delivery (${SETTINGS.retentionBodies.fallback / 3_600} hours by default)`,
])('%s', (sentence) => {
  expect(text).toContain(sentence);
});

test('among the limits is no figure that nobody looks after', () => {
  const [, section = ''] = /\n## Limits\n([\s\S]+)$/u.exec(text) ?? [];
  const rest = LIMITS.reduce((left, sentence) => left.replace(sentence, ''), section);
  // Answers of HTTP, and the bits of an address.
  expect(rest.replaceAll(/\b(?:4\d\d|503|IPv6|first 64 bits)\b/gu, '')).not.toMatch(/\d/u);
});
