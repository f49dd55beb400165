import { createHash, type KeyObject, sign } from 'node:crypto';
import { type Agent, request } from 'node:http';

export type SignedPost = {
  /** Whom the request is for: what stands in `Host` and is signed. */
  readonly url: string;
  /** Where it is sent: a loopback port. */
  readonly port: number;
  readonly body: string;
  readonly keyId: string;
  readonly key: KeyObject;
  readonly now: Date;
  readonly agent?: Agent;
  readonly timeoutMs?: number;
};

const TIMEOUT_MS = 30_000;

/**
 * Posts an activity as other servers do (draft-cavage-12 over target, host, date, digest and type), written apart
 * from the gateway's own signing so that one mistake cannot hide in both. Resolves with the status; rejects where
 * there was no answer.
 */
export const postSigned = (post: SignedPost): Promise<number> => {
  const url = new URL(post.url);
  const headers = {
    host: url.host,
    date: post.now.toUTCString(),
    digest: `SHA-256=${createHash('sha256').update(post.body).digest('base64')}`,
    'content-type': 'application/activity+json',
  };
  const names = ['(request-target)', ...Object.keys(headers)];
  const lines = [
    `(request-target): post ${url.pathname}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const made = sign('sha256', Buffer.from(lines.join('\n')), post.key).toString('base64');
  const signature = `keyId="${post.keyId}",algorithm="rsa-sha256",headers="${names.join(' ')}",signature="${made}"`;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const sending = request(
    {
      host: '127.0.0.1',
      port: post.port,
      path: url.pathname,
      method: 'POST',
      headers: { ...headers, signature },
      signal: AbortSignal.timeout(post.timeoutMs ?? TIMEOUT_MS),
      ...(post.agent === undefined ? {} : { agent: post.agent }),
    },
    (response) => {
      response.on('error', reject);
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    },
  );
  sending.on('error', reject);
  sending.end(post.body);
  return promise;
};
