import type { SendResult } from './types.ts';

type NoAnswer = Extract<SendResult, { kind: 'no-answer' }>;

const MAX_DEPTH = 4;

const TLS_CODES = [
  'ERR_TLS_',
  'ERR_SSL_',
  'CERT_',
  'UNABLE_TO_',
  'SELF_SIGNED_',
  'DEPTH_ZERO_',
  'HOSTNAME_MISMATCH',
  'EPROTO',
];

const TIMEOUT_CODES: ReadonlySet<string> = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'TimeoutError',
  'AbortError',
]);

/** The codes and names of an error and of what caused it, outermost first. */
const namesOf = (error: unknown, depth = 0): readonly string[] => {
  if (!(error instanceof Error) || depth > MAX_DEPTH) return [];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code, error.name] : [error.name];
  const inner = error instanceof AggregateError ? error.errors.slice(0, 4) : [error.cause];
  return [...own, ...inner.flatMap((each: unknown) => namesOf(each, depth + 1))];
};

const causeOf = (names: readonly string[]): NoAnswer['cause'] => {
  if (names.includes('FORBIDDEN_ADDRESS')) return 'refused-address';
  // NOTE: EAI_AGAIN (the resolver itself is away) is trouble that passes, not a host that does not exist.
  if (names.includes('ENOTFOUND')) return 'no-such-host';
  if (names.includes('ERR_TLS_CERT_ALTNAME_INVALID')) return 'tls-name';
  if (names.some((name) => TLS_CODES.some((code) => name.startsWith(code)))) return 'tls';
  return names.some((name) => TIMEOUT_CODES.has(name)) ? 'timeout' : 'connection';
};

/** Why a request had no answer, from whatever undici or a socket threw. `problem` is codes only: fit for a log. */
export const nameFailure = (error: unknown): NoAnswer => {
  const names = namesOf(error);
  return { kind: 'no-answer', cause: causeOf(names), problem: names.slice(0, 4).join(' ') || 'unknown' };
};
