import { createPrivateKey } from 'node:crypto';
import { signPost } from '../src/activitypub/signatures/sign.ts';
import type { SigningKey } from '../src/activitypub/types.ts';

/** Who writes, and to whom. */
export type Correspondence = {
  /** The writer's actor id; its key is the one behind `#main-key`. */
  readonly author: string;
  /** The addressee's actor id, and its inbox. */
  readonly recipient: string;
  readonly inbox: string;
};

const CONTENT_TYPE = 'application/activity+json';

/** The Create of a direct Note as Mastodon writes it, `key` making its ids new. About 1.7 kB. */
export const renderCreate = ({ author, recipient }: Correspondence, key: string, now: Date): string => {
  const note = `${author}/statuses/${key}`;
  const published = now.toISOString();
  const content = `<p><span class="h-card"><a href="${recipient}" class="u-url mention">@<span>alice</span></a></span> The train leaves at ten past eight, from the platform behind the old station. Shall I bring the tickets, or do you have yours? (${key})</p>`;
  return JSON.stringify({
    '@context': [
      'https://www.w3.org/ns/activitystreams',
      {
        ostatus: 'http://ostatus.org#',
        atomUri: 'ostatus:atomUri',
        inReplyToAtomUri: 'ostatus:inReplyToAtomUri',
        conversation: 'ostatus:conversation',
        sensitive: 'as:sensitive',
      },
    ],
    id: `${note}/activity`,
    type: 'Create',
    actor: author,
    published,
    to: [recipient],
    cc: [],
    object: {
      id: note,
      type: 'Note',
      summary: null,
      inReplyTo: null,
      published,
      url: note,
      attributedTo: author,
      to: [recipient],
      cc: [],
      sensitive: false,
      atomUri: note,
      conversation: `tag:${new URL(author).host},2026-01-01:objectId=${author.length}:objectType=Conversation`,
      content,
      contentMap: { en: content },
      attachment: [],
      tag: [{ type: 'Mention', href: recipient, name: `@alice@${new URL(recipient).host}` }],
      replies: { id: `${note}/replies`, type: 'Collection' },
    },
  });
};

/** A whole POST as it goes over the wire, signed in the name of the author. */
export const renderSignedRequest = async (
  who: Correspondence,
  body: string,
  privateKey: SigningKey['privateKey'],
  now: Date,
): Promise<Buffer> => {
  const url = new URL(who.inbox);
  const bytes = Buffer.from(body);
  const key = { keyId: `${who.author}#main-key`, privateKey };
  const headers = await signPost({ url, body: bytes, contentType: CONTENT_TYPE }, key, now);
  const head = [
    `POST ${url.pathname} HTTP/1.1`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `accept: ${CONTENT_TYPE}`,
    'user-agent: bench',
    `content-length: ${bytes.length}`,
  ].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), bytes]);
};

/** PKCS#8 DER as base64, as it crosses between processes. */
export const readPrivateKey = (base64: string): SigningKey['privateKey'] =>
  createPrivateKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'pkcs8' });
