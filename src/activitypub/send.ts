import type { Readable } from 'node:stream';
import type { Agent } from 'undici';
import { checkUrl } from './guard.ts';
import { knock, type Way } from './knock.ts';
import { ACTIVITY_JSON } from './media-type.ts';
import { nameFailure } from './network-failure.ts';
import { parseHttpDate } from './signatures/http-date.ts';
import { NO_MEMORY, type SchemeMemory } from './signatures/scheme-memory.ts';
import { signPost } from './signatures/sign.ts';
import { signMessagePost } from './signatures/sign-message.ts';
import type { SendResult, SigningKey } from './types.ts';

const DEADLINE_MS = 10_000;
/** What a peer writes after its status is not read, but taken off the wire so that the connection can be kept. */
const MAX_DRAINED = 65_536;
const MAX_RETRY_AFTER_SECONDS = 7 * 86_400;

type SendDeps = {
  readonly agent: Agent;
  readonly allowPrivate: boolean;
  /** Ours, with its port where it has one: nothing is ever asked or sent there. */
  readonly ownHost?: string;
  readonly now: () => Date;
  readonly schemes?: SchemeMemory;
  /** For the whole POST, signing included. */
  readonly deadlineMs?: number;
  readonly userAgent?: string;
};

export type Send = (delivery: {
  readonly inbox: string;
  /** The rendered document; every try sends the same bytes. */
  readonly body: string;
  readonly key: SigningKey;
}) => Promise<SendResult>;

/** `Retry-After` (RFC 9110 10.2.3) in seconds from now, at most a week; undefined when absent or senseless. */
export const parseRetryAfter = (header: unknown, now: Date): number | undefined => {
  if (typeof header !== 'string') return undefined;
  const text = header.trim();
  const date = parseHttpDate(text);
  const seconds = /^\d{1,10}$/u.test(text)
    ? Number(text)
    : date === undefined
      ? undefined
      : Math.ceil((date - now.getTime()) / 1000);
  return seconds === undefined ? undefined : Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER_SECONDS);
};

/** The answer counts as soon as the status is there: trouble with the rest of it is no failure. */
const drain = async (body: Readable): Promise<void> => {
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk instanceof Uint8Array ? chunk.length : MAX_DRAINED;
      if (size >= MAX_DRAINED) break; // leaving the loop destroys the stream, and with it the connection
    }
  } catch {
    // The status was read; how the body ended changes nothing.
  }
};

/**
 * Makes the function that posts one signed activity to one inbox, in the way of signing that its host understands
 * (`knock`). Redirects are not followed (the signature
 * names the target): they come back as their status. Never throws for what the peer did.
 */
export const createSend =
  (deps: SendDeps): Send =>
  async ({ inbox, body, key }) => {
    const checked = checkUrl(inbox, deps);
    if (!checked.ok) return { kind: 'no-answer', cause: 'refused-address', problem: checked.problem };
    const url = checked.value;
    const bytes = Buffer.from(body);
    const signal = AbortSignal.timeout(deps.deadlineMs ?? DEADLINE_MS);
    const unsigned = { url, body: bytes, contentType: ACTIVITY_JSON };
    const ask = async ({ scheme, wish }: Way) => {
      const signed = await (scheme === 'cavage'
        ? signPost(unsigned, key, deps.now())
        : signMessagePost(unsigned, key, deps.now(), wish));
      const response = await deps.agent.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: 'POST',
        headers: { ...signed, accept: ACTIVITY_JSON, 'user-agent': deps.userAgent ?? 'Causeway' },
        body: bytes,
        signal,
      });
      await drain(response.body);
      return response;
    };
    const schemes = deps.schemes ?? NO_MEMORY;
    try {
      const discard = () => undefined; // drained already
      const response = await knock(schemes, { method: 'POST', url, keyId: key.keyId, ask, discard });
      const retryAfterSeconds = parseRetryAfter(response.headers['retry-after'], deps.now());
      return { kind: 'answered', status: response.statusCode, retryAfterSeconds };
    } catch (error) {
      return nameFailure(error);
    }
  };
