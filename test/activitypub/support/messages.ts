import { createHash, type KeyObject, sign } from 'node:crypto';
import type { RawRequest } from '../../../src/activitypub/types.ts';
import { NOW } from './requests.ts';

export const CREATED = NOW.getTime() / 1000;
export const MESSAGE_BODY = '{"type":"Follow"}';
export const KEY_ID = 'https://m.example/u/alice#main-key';

export const contentDigestOf = (body: string, name: 'sha256' | 'sha512' = 'sha256'): string =>
  `${name.replace('sha', 'sha-')}=:${createHash(name).update(body).digest('base64')}:`;

export type MessageParts = {
  readonly method: string;
  readonly target: string;
  readonly body: string;
  readonly digest: string;
  /** Each component as it is written, and the value that the signer saw. */
  readonly components: readonly (readonly [written: string, value: string])[];
  readonly parameters: string;
  readonly label: string;
};

const DIGEST = contentDigestOf(MESSAGE_BODY);
export const METHOD = ['"@method"', 'POST'] as const;
export const TARGET_URI = ['"@target-uri"', 'https://ap.example/inbox'] as const;
export const SIGNED_DIGEST = ['"content-digest"', DIGEST] as const;
export const PARAMETERS = `;created=${CREATED};keyid="${KEY_ID}"`;

const POST: MessageParts = {
  method: 'POST',
  target: '/inbox',
  body: MESSAGE_BODY,
  digest: DIGEST,
  components: [METHOD, TARGET_URI, SIGNED_DIGEST],
  parameters: PARAMETERS,
  label: 'sig1',
};

/** A POST signed as RFC 9421 2.5 writes it, by the words of the RFC alone: nothing of ours makes the base. */
export const signMessage = (key: KeyObject, parts: Partial<MessageParts> = {}): RawRequest => {
  const { method, target, body, digest, components, parameters, label } = { ...POST, ...parts };
  const input = `(${components.map(([name]) => name).join(' ')})${parameters}`;
  const lines = [...components.map(([name, value]) => `${name}: ${value}`), `"@signature-params": ${input}`];
  const hash = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const signature = sign(hash, Buffer.from(lines.join('\n')), key).toString('base64');
  return {
    method,
    target,
    headers: [
      ['host', 'ap.example'],
      ['content-digest', digest],
      ['signature-input', `${label}=${input}`],
      ['signature', `${label}=:${signature}:`],
    ],
    body: Buffer.from(body),
  };
};
