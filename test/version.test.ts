import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRepository, readVersion, repositoryUrl } from '../src/version.ts';

test('version and source are what package.json says', () => {
  const source = readFileSync(join(import.meta.dirname, '../package.json'), 'utf8');
  const { version, repository }: { version: string; repository?: { url: string } } = JSON.parse(source);
  expect(readVersion()).toBe(version);
  expect(readRepository()).toBe(repositoryUrl(repository?.url));
});

test.each([
  ['git+https://forge.example/causeway.git', 'https://forge.example/causeway.git'],
  ['https://forge.example/causeway', 'https://forge.example/causeway'],
  ['github:somebody/causeway', undefined],
  ['git@forge.example:causeway.git', undefined],
  ['https://', undefined],
  [undefined, undefined],
])('the source at %s is told as %s', (repository, url) => {
  expect(repositoryUrl(repository)).toBe(url);
});
