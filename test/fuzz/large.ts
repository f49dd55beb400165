import { MAX_LARGE_BYTES } from './mutate.ts';

const encoder = new TextEncoder();
const ACTOR = 'https://peer.test/users/bob';
/** So much of the limit is filled: a change still has room. */
const FILL_BYTES = MAX_LARGE_BYTES - 65_536;

const fill = (piece: string): string => piece.repeat(Math.floor(FILL_BYTES / Buffer.byteLength(piece)));
const listOf = (value: unknown): readonly unknown[] =>
  Array.from({ length: Math.floor(FILL_BYTES / (JSON.stringify(value).length + 1)) }, () => value);

const create = (note: object): Uint8Array =>
  encoder.encode(
    JSON.stringify({
      id: 'https://peer.test/a/1',
      type: 'Create',
      actor: ACTOR,
      object: {
        id: 'https://peer.test/n/1',
        type: 'Note',
        attributedTo: ACTOR,
        to: ['https://ap.test/u/01'],
        content: '<p>hi</p>',
        ...note,
      },
    }),
  );

/** Bodies nearly as long as an inbox takes, each with another part that fills it. */
export const LARGE_ACTIVITIES: readonly Uint8Array[] = [
  create({ content: fill('<a href="https://peer.test/a">&lt;b&amp;</a><br>') }),
  create({ content: fill('<blockquote><ul><li>') }),
  create({ content: fill('\u{1f44b}\u202e') }),
  create({ to: listOf('https://peer.test/users/carol') }),
  create({ tag: listOf({ type: 'Mention', href: 'https://ap.test/u/01', name: '@alice' }) }),
  create({
    attachment: listOf({ type: 'Document', mediaType: 'image/png', url: 'https://peer.test/p.png' }),
  }),
  create({ contentMap: Object.fromEntries(listOf('no more bytes').map((_, index) => [`l${index}`, 'x'])) }),
  encoder.encode(fill('[')),
  encoder.encode(`{"a":"${fill('\\u0000\\"')}"}`),
];
