import { pino } from 'pino';
import type { LogLevel } from './config-values.ts';

export type LogValue = string | number | boolean | null | undefined | Error | readonly string[];

export type LogFields = Readonly<Record<string, LogValue>>;

/**
 * What other folders take as a port. `event` is a name in lower case with hyphens (`delivery-failed`), one for
 * each thing that can happen; what varies goes into the fields.
 */
export type Log = {
  readonly debug: (event: string, fields?: LogFields) => void;
  readonly info: (event: string, fields?: LogFields) => void;
  readonly warn: (event: string, fields?: LogFields) => void;
  readonly error: (event: string, fields?: LogFields) => void;
};

export type LogDeps = {
  readonly level: LogLevel;
  /** Takes one line of JSON with its line break. */
  readonly write: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Secrets of this process: wherever they turn up, in an error of a library say, they are struck out. */
  readonly hide: readonly string[];
};

/** Fields of these names never stand in a log, whoever asks. */
const UNLOGGABLE: ReadonlySet<string> = new Set([
  'body',
  'content',
  'subject',
  'secret',
  'password',
  'signature',
  'authorization',
  'privateKey',
  'token',
]);
const HIDDEN = '[hidden]';
/** Longer texts are cut, in UTF-16 units; a stack is longer than any other text. */
const MAX_TEXT = 1_000;
const MAX_STACK = 8_000;
const MAX_ITEMS = 50;
const MAX_CAUSES = 4;
/** A shorter secret would strike out ordinary words. */
const MIN_HIDDEN = 4;

/** Strikes out the known secrets, and name and password of any URL; then cuts. */
function clean(text: string, hide: readonly string[], max = MAX_TEXT): string {
  const known = hide.reduce((seen, secret) => seen.replaceAll(secret, HIDDEN), text);
  const cleaned = known.replaceAll(/:\/\/[^\s/@]*@/gu, `://${HIDDEN}@`);
  return cleaned.length > max ? `${cleaned.slice(0, max)}…` : cleaned;
}

/** An error as fields: its message, code, stack and what caused it. Own properties of an error are left out. */
function describeError(error: Error, hide: readonly string[], depth = 0): Record<string, unknown> {
  const { cause, name, message, stack } = error;
  return {
    name,
    message: clean(message, hide),
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...(stack === undefined ? {} : { stack: clean(stack, hide, MAX_STACK) }),
    ...(cause instanceof Error && depth < MAX_CAUSES ? { cause: describeError(cause, hide, depth + 1) } : {}),
  };
}

function cleanValue(value: LogValue, hide: readonly string[]): unknown {
  if (typeof value === 'string') return clean(value, hide);
  if (value instanceof Error) return describeError(value, hide);
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => clean(String(item), hide));
  return value;
}

function cleanFields(fields: LogFields, hide: readonly string[]): Record<string, unknown> {
  const pairs = Object.entries(fields).map(([name, value]) => [
    name,
    UNLOGGABLE.has(name) ? HIDDEN : cleanValue(value, hide),
  ]);
  return Object.fromEntries(pairs);
}

/**
 * The log: one line of JSON for each event, `{"level":"info","time":"…","event":"stream-up", …}`. Message bodies,
 * secrets and signatures cannot be written: their names are struck out, secrets of this process wherever they are.
 */
export function createLog({ level, write, now, hide }: LogDeps): Log {
  const secrets = hide.filter((secret) => secret.length >= MIN_HIDDEN);
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );
  const at =
    (severity: LogLevel) =>
    (event: string, fields: LogFields = {}): void => {
      if (logger.isLevelEnabled(severity)) logger[severity](cleanFields(fields, secrets), event);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Whatever was thrown, as an error that can be logged whole. */
export const toError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown));
