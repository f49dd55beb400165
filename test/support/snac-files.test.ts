import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  listenForNotes,
  readFollowers,
  readFollowing,
  readHandle,
  readNotes,
  readUntil,
} from './snac-files.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'causeway-snac-files-'));
  for (const name of ['private', 'followers', 'following'])
    mkdirSync(join(base, 'user', 'carol', name), { recursive: true });
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const put = (name: string, text: string) => writeFileSync(join(base, 'user', 'carol', name), text);
const note = (id: string, more: object = {}) =>
  JSON.stringify({ id, type: 'Note', attributedTo: 'https://b.test/dave', ...more });

test('a note is read with lists made of single values, and without what is missing', async () => {
  put('private/1.json', note('https://b.test/1', { to: 'https://a.test/carol', content: '<p>x</p>' }));
  const [read] = await readNotes(base, 'carol');
  expect(read).toMatchObject({
    id: 'https://b.test/1',
    attributedTo: 'https://b.test/dave',
    content: '<p>x</p>',
    to: ['https://a.test/carol'],
    cc: [],
    inReplyTo: undefined,
  });
});

test.each(['', '{"id":', '[]', 'null', '3', '{"type":"Note"}'])(
  'what is no note is passed over: %s',
  async (text) => {
    put('private/1.json', text);
    put('private/2.json', note('https://b.test/2'));
    put('private/lock', note('https://b.test/3'));
    expect((await readNotes(base, 'carol')).map(({ id }) => id)).toEqual(['https://b.test/2']);
  },
);

test('only an accepted Follow is one', async () => {
  put('following/1.json', '{"type":"Follow","actor":"https://a.test/carol"}');
  put('following/2.json', '{"type":"Accept","actor":"https://b.test/dave"}');
  put('followers/1.json', '{"type":"Person","id":"https://b.test/eve"}');
  expect(await readFollowing(base, 'carol')).toEqual(['https://b.test/dave']);
  expect(await readFollowers(base, 'carol')).toEqual(['https://b.test/eve']);
});

test('an actor is shown by name and host once snac has met it', async () => {
  const id = 'https://b.test/users/dave';
  expect(await readHandle(base, id)).toBeUndefined();
  // The MD5 of the id.
  const digest = '9ecd864c7b9f5916e1c13530fbc7c00e';
  mkdirSync(join(base, 'object', digest.slice(0, 2)), { recursive: true });
  const file = join(base, 'object', digest.slice(0, 2), `${digest}.json`);
  writeFileSync(file, JSON.stringify({ id, preferredUsername: 'dave' }));
  expect(await readHandle(base, id)).toBe('dave@b.test');
});

test('readUntil sees a file that comes and one that changes in place', async () => {
  const content = (wanted: string) => async () =>
    (await readNotes(base, 'carol')).find((read) => read.content === wanted);
  const first = readUntil(base, 'carol', content('one'), 'note', 10_000);
  put('private/1.json', note('https://b.test/1', { content: 'one' }));
  expect(await first).toMatchObject({ id: 'https://b.test/1' });
  const second = readUntil(base, 'carol', content('two'), 'edit', 10_000);
  put('private/1.json', note('https://b.test/1', { content: 'two' }));
  expect(await second).toMatchObject({ id: 'https://b.test/1' });
});

test('readUntil gives up with a sentence, or with the error of reading', async () => {
  await expect(readUntil(base, 'carol', async () => undefined, 'note', 1)).rejects.toThrow(
    'no note within 1 ms',
  );
  const fail = () => Promise.reject(new Error('unreadable'));
  await expect(readUntil(base, 'carol', fail, 'note', 10_000)).rejects.toThrow('unreadable');
});

test('listenForNotes tells each note once', async () => {
  put('private/1.json', note('https://b.test/1'));
  const heard: string[] = [];
  const stop = listenForNotes(base, 'carol', ({ id }) => heard.push(id));
  await expect.poll(() => heard).toEqual(['https://b.test/1']);
  put('private/2.json', note('https://b.test/2'));
  await expect.poll(() => heard).toEqual(['https://b.test/1', 'https://b.test/2']);
  stop();
});
