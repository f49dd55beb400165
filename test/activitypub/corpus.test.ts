import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isRecord } from '../../src/activitypub/json-fields.ts';
import { parseActivity, peekActivity } from '../../src/activitypub/parse.ts';
import { parseActor } from '../../src/activitypub/parse-actor.ts';
import { parseJson } from '../../src/activitypub/parse-json.ts';
import type { Activity } from '../../src/bridge/activity.ts';
import type { Parsed } from '../../src/bridge/outcome.ts';

const CORPUS = join(import.meta.dirname, '../corpus');
const US = 'https://ap.example/u/01j9';

const filesOf = (folder: string, match: (name: string) => boolean): readonly string[] =>
  readdirSync(join(CORPUS, folder)).filter((name) => name.endsWith('.json') && match(name));
const jsonOf = (folder: string, name: string) => parseJson(readFileSync(join(CORPUS, folder, name)));
const activityOf = (folder: string, name: string): Parsed<Activity> => {
  const json = jsonOf(folder, name);
  return json.ok ? parseActivity(json.value) : json;
};

describe('hostile bodies', () => {
  const refused = filesOf('hostile', (name) => name.startsWith('activity-refused-'));
  const tamed = filesOf('hostile', (name) => name.startsWith('activity-tamed-'));

  test('are all either refused or tamed', () => {
    expect(refused.length).toBeGreaterThan(60);
    expect(tamed.length).toBeGreaterThan(30);
    expect(filesOf('hostile', (name) => name.startsWith('activity-')).length).toBe(
      refused.length + tamed.length,
    );
  });

  test.each(refused)('%s', (name) => {
    expect(activityOf('hostile', name)).toMatchObject({ ok: false });
  });

  /** Every text in a value, however deep. */
  const textsOf = (value: unknown): readonly string[] => {
    if (typeof value === 'string') return [value];
    return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
  };

  test.each(tamed)('%s', (name) => {
    const parsed = activityOf('hostile', name);
    if (!parsed.ok) throw new Error(parsed.problem);
    expect(textsOf(parsed.value).every((text) => text.isWellFormed() && !text.includes('\u0000'))).toBe(true);
    expect(parsed.value.actor).toBe('https://evil.example/u/mallory');
    if (parsed.value.type !== 'Create') {
      expect(parsed.value.type).toBe('Other');
      return;
    }
    const { note } = parsed.value;
    expect(note.attributedTo).toBe(parsed.value.actor);
    expect(note.id).toBe('https://evil.example/n/1');
    expect([...note.to, ...note.cc]).not.toContain('https://victim.example/u/bob');
    expect(note.sensitive).toBe(name.includes('every-field-true'));
    expect(note.to.length + note.cc.length).toBeLessThanOrEqual(500);
    expect(note.mentions.length).toBeLessThanOrEqual(200);
    expect(note.attachments.length).toBeLessThanOrEqual(16);
    expect(note.content.length).toBeLessThanOrEqual(262_144);
    const links = [...note.attachments.map(({ url }) => url), ...note.mentions.map(({ href }) => href)];
    for (const url of [...links, note.url ?? US, note.inReplyTo ?? US])
      expect(url).toMatch(/^https:\/\/[^@]+$/u);
    expect([note.published, note.updated]).toEqual([undefined, undefined]);
  });
});

describe('actors as their servers show them', () => {
  test.each(filesOf('wild', (name) => name.includes('-actor')))('%s', (name) => {
    const json = jsonOf('wild', name);
    if (!json.ok || !isRecord(json.value)) throw new Error('not read');
    const parsed = parseActor(json.value, String(json.value['id']));
    if (!parsed.ok) throw new Error(parsed.problem);
    expect(parsed.value.keys.length).toBe(/^(?:fedify|mitra)/u.test(name) ? 2 : 1);
    expect(parsed.value.sharedInbox === undefined).toBe(/^(?:discourse|mitra|relay|snac)/u.test(name));
    expect(parsed.value.handle.user).toBe(parsed.value.preferredUsername.toLowerCase());
    expect(parsed.value.acceptsChatMessages).toBe(name.startsWith('pleroma'));
  });
});

describe('activities as their servers send them', () => {
  const DIRECT: Record<string, Record<string, unknown>> = {
    'mastodon-create-direct': {
      type: 'Note',
      language: 'en-GB',
      inReplyTo: 'https://ap.example/n/01ja',
      conversation: 'tag:mastodon.example,2026-11-21:objectId=77:objectType=Conversation',
      attachments: [
        { url: 'https://files.mastodon.example/x.jpg', mediaType: 'image/jpeg', name: 'A cat on a wall' },
      ],
    },
    'misskey-create-specified': { summary: 'weather', sensitive: true, inReplyTo: undefined },
    'pleroma-create-chat-message': { type: 'ChatMessage', content: 'hello from a chat', mentions: [] },
    'pleroma-create-note': {
      language: 'de',
      attachments: [
        { url: 'https://pleroma.example/media/s.png', mediaType: 'image/png', name: 'screenshot.png' },
      ],
    },
    'gotosocial-create-direct': {
      published: '2026-11-21T10:00:00.000Z',
      updated: '2026-11-21T10:05:00.000Z',
      url: 'https://gts.example/@erin/statuses/01HN',
    },
    'snac-create': { context: 'https://ap.example/c/01ja' },
    'lemmy-create-chat-message': { type: 'ChatMessage', content: '<p>hello</p>\n', mentions: [] },
    'lemmy-create-note': { type: 'Note', language: 'fr', mentions: [] },
    'friendica-create-direct': { language: 'en', conversation: 'https://friendica.example/contexts/1' },
    'pixelfed-create-direct': {
      attachments: [
        { url: 'https://pixelfed.example/storage/m/1.jpg', mediaType: 'image/jpeg', name: undefined },
      ],
    },
  };

  test.each(Object.entries(DIRECT))('%s', (name, expected) => {
    const mentions = [{ href: US, name: '@alice@ap.example' }];
    expect(activityOf('wild', `${name}.json`)).toMatchObject({
      ok: true,
      value: { type: 'Create', note: { to: [US], cc: [], mentions, ...expected } },
    });
  });

  test.each([
    ['mastodon-follow', { type: 'Follow', object: US }],
    ['snac-follow', { type: 'Follow', object: US }],
    ['mastodon-block', { type: 'Block', object: US }],
    ['mastodon-undo-follow', { type: 'Undo', ref: { type: 'Follow', object: US } }],
    ['mastodon-accept', { type: 'Accept', ref: { id: 'https://ap.example/f/01jb', actor: US } }],
    [
      'mastodon-delete',
      { type: 'Delete', object: 'https://mastodon.example/users/bob/statuses/113000000000000001' },
    ],
    ['mastodon-delete-person', { type: 'Delete', object: 'https://mastodon.example/users/bob' }],
    ['gotosocial-delete', { type: 'Delete', object: 'https://gts.example/users/erin/statuses/01HN' }],
    ['misskey-delete', { type: 'Delete', object: 'https://misskey.example/notes/9note00001' }],
    ['misskey-like', { type: 'Like', content: '🍮' }],
    ['pleroma-emoji-react', { type: 'EmojiReact', content: '👍' }],
  ])('%s', (name, expected) => {
    expect(activityOf('wild', `${name}.json`)).toMatchObject({ ok: true, value: expected });
    const json = jsonOf('wild', `${name}.json`);
    expect(json.ok && peekActivity(json.value).ok).toBe(true);
  });
});

describe('PeerTube', () => {
  test('a comment is a public post that mentions; a video has two authors and is not shown', () => {
    expect(activityOf('wild', 'peertube-comment.json')).toMatchObject({
      ok: true,
      value: { type: 'Create', note: { cc: [expect.any(String), US], inReplyTo: expect.any(String) } },
    });
    expect(activityOf('wild', 'peertube-video.json').ok).toBe(false);
  });
});
