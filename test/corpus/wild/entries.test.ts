import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { becomes } from './becomes.ts';
import { WILD } from './entries.ts';

const names = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''))
  .sort();

test('each document has its entry, and each entry its document', () => {
  expect(Object.keys(WILD).sort()).toEqual(names);
});

test.each(Object.entries(WILD))('%s', (name, entry) => {
  expect(becomes(name, readFileSync(`${import.meta.dirname}/${name}.json`))).toEqual(entry.becomes);
});

test.each([
  'bookwyrm',
  'bridgy',
  'discourse',
  'fedify',
  'friendica',
  'gotosocial',
  'hubzilla',
  'lemmy',
  'mastodon',
  'mbin',
  'misskey',
  'mitra',
  'mobilizon',
  'nodebb',
  'peertube',
  'pixelfed',
  'pleroma',
  'snac',
  'threads',
  'wordpress',
  'writefreely',
])('of %s there are the actor and what he writes', (program) => {
  const own = names.filter((name) => name.startsWith(`${program}-`));
  expect(own).toContain(`${program}-actor`);
  expect(own.some((name) => WILD[name]?.becomes[0]?.endsWith(' note'))).toBe(true);
});
