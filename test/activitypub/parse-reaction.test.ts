import { expect, test } from 'vitest';
import { readReaction } from '../../src/activitypub/parse-reaction.ts';

const own = (name: string) => ({
  type: 'Emoji',
  name,
  icon: { type: 'Image', url: 'https://m.example/e.png' },
});

test.each([
  ['👍', '👍'],
  ['❤', '❤'],
  ['❤️', '❤️'],
  ['👩🏽‍🚀', '👩🏽‍🚀'],
  ['👨‍👩‍👧‍👦', '👨‍👩‍👧‍👦'],
  ['🇩🇪', '🇩🇪'],
  ['1️⃣', '1️⃣'],
  [' \u202e🎉\n', '🎉'],
  ['\u{1f3f4}', '\u{1f3f4}'],
  // The flag of Wales, which would be shown as that one.
  ['\u{1f3f4}\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}', undefined],
  ['', undefined],
  ['a', undefined],
  ['7', undefined],
  ['👍👍', undefined],
  ['👍 nice', undefined],
  ['send money to https://evil.example', undefined],
  [`👍${'\u0301'.repeat(100)}`, undefined],
  [{ evil: 1 }, undefined],
])('%j alone is %s', (content, emoji) => {
  expect(readReaction({ content })).toBe(emoji);
});

test.each([
  [own(':blobcat:'), ':blobcat:'],
  [[own(':blobcat:')], ':blobcat:'],
  [[own('blobcat'), { type: 'Mention', href: 'https://m.example/u/1' }], ':blobcat:'],
  [[], undefined],
  [[own(':other:')], undefined],
  [[own(':blobcat:'), own(':other:')], undefined],
  [[{ type: 'Mention', name: ':blobcat:' }], undefined],
])('the name of an own emoji needs its one tag: %j', (tag, emoji) => {
  expect(readReaction({ content: ':blobcat:', tag })).toBe(emoji);
});

test.each([':', '::', ':a b:', ':a:b:', ':blobcat', `:${'a'.repeat(70)}:`])('%s names none', (content) => {
  expect(readReaction({ content, tag: [own(content)] })).toBeUndefined();
});

test('where there is no content, Misskey’s own field counts', () => {
  expect(readReaction({ _misskey_reaction: '🍮' })).toBe('🍮');
  expect(readReaction({ content: '👍', _misskey_reaction: '🍮' })).toBe('👍');
});
