import { signPost } from '../../../src/activitypub/signatures/sign.ts';
import type { RawRequest, SigningKey } from '../../../src/activitypub/types.ts';

export const NOW = new Date('2026-11-21T10:00:00Z');
export const OUR_INBOX = 'https://ap.example/inbox';
export const RULES = { now: NOW, hosts: ['ap.example'], origin: 'https://ap.example' };

/** A POST to our inbox as a well-behaved peer signs it. */
export const signedPost = async (
  key: SigningKey,
  { body = '{"type":"Follow"}', now = NOW, url = OUR_INBOX } = {},
): Promise<RawRequest> => {
  const bytes = Buffer.from(body);
  const target = new URL(url);
  const headers = await signPost(
    { url: target, body: bytes, contentType: 'application/activity+json' },
    key,
    now,
  );
  return {
    method: 'POST',
    target: `${target.pathname}${target.search}`,
    headers: Object.entries(headers),
    body: bytes,
  };
};

/** The request with one header replaced. */
export const withHeader = (request: RawRequest, name: string, value: string): RawRequest => ({
  ...request,
  headers: request.headers.map(([key, old]) => [key, key === name ? value : old]),
});

export const withoutHeader = (request: RawRequest, name: string): RawRequest => ({
  ...request,
  headers: request.headers.filter(([key]) => key !== name),
});
