import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { z } from 'zod';

/**
 * One schema for each kind of value. Each takes what YAML gives (string, number, boolean, list) and what the
 * environment gives (always a string), and fails without a message of its own: `config-keys.ts` says what to
 * write instead.
 */

/** Longer texts are not looked at. */
const MAX_TEXT = 4_096;
const MAX_LIST = 1_000;

export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export type ServerAddress = { readonly host: string; readonly port: number };

export const ROLES = ['xmpp', 'web', 'worker'] as const;
export type Role = (typeof ROLES)[number];

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const text = z.string().trim().min(1).max(MAX_TEXT);

/** A schema out of a function that answers undefined where it does not understand the text. */
const parsedText = <T>(parse: (value: string) => T | undefined) =>
  text.transform((value, context): T => {
    const parsed = parse(value);
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: 'custom', message: 'not understood' });
    return z.NEVER;
  });

export const flag = z
  .union([z.boolean(), z.literal(['true', 'false'])])
  .transform((value) => value === true || value === 'true');

const digits = z
  .string()
  .regex(/^\d{1,9}$/u)
  .transform(Number);
/** A whole number, 0 and above. */
export const count = z.union([z.number(), digits]).pipe(z.int().min(0).max(1_000_000_000));

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const MAX_SECONDS = 10_000 * SECONDS.d;

/** `90s`, `10m`, `24h`, `30d`, or `0`. @returns seconds */
export const duration = z.union([z.literal(0), text]).transform((value, context): number => {
  const match = /^(\d{1,6})([smhd])$/u.exec(String(value));
  const unit = match?.[2];
  if (value === 0 || value === '0') return 0;
  if (unit === 's' || unit === 'm' || unit === 'h' || unit === 'd') {
    const seconds = Number(match?.[1]) * SECONDS[unit];
    if (seconds <= MAX_SECONDS) return seconds;
  }
  context.addIssue({ code: 'custom', message: 'not a duration' });
  return z.NEVER;
});

/** RFC 1035 2.3.4 and RFC 5890: labels of 1 to 63 letters, digits and hyphens, 253 characters in all. */
export function normalizeDomain(value: string): string | undefined {
  // domainToASCII reads a URL's host: it would drop a path in silence.
  if (![...value].every((char) => char > '\u007f' || /[a-z0-9._-]/iu.test(char))) return undefined;
  const name = domainToASCII(value);
  if (name.length === 0 || name.length > 253 || isIP(name) !== 0) return undefined;
  const labels = name.split('.');
  return labels.every((label) => /^[a-z0-9_-]{1,63}$/u.test(label)) ? name : undefined;
}

/** A host name, returned in lower case and as A-label. */
export const domain = parsedText(normalizeDomain);

function parseJid(value: string): string | undefined {
  const at = value.indexOf('@');
  const local = value.slice(0, at).toLowerCase();
  const host = normalizeDomain(value.slice(at + 1));
  // RFC 7622 3.3.1: these characters never stand in a local part.
  if (at < 1 || local.length > 1_023 || /["&'/:<>@\s]/u.test(local)) return undefined;
  return host === undefined ? undefined : `${local}@${host}`;
}

/** `alice@xmpp.example`: a local part is needed, a resource is refused. */
export const bareJid = parsedText(parseJid);

/** A YAML list, or texts between commas; empty parts are dropped, repeats too. */
export const list = <T>(item: z.ZodType<T, string>) =>
  z
    .union([
      z.array(z.string()).max(MAX_LIST),
      z
        .string()
        .max(MAX_TEXT)
        .transform((value) => value.split(',')),
    ])
    .transform((parts) => [...new Set(parts.map((part) => part.trim()).filter((part) => part !== ''))])
    .pipe(z.array(item));

function parsePort(value: string): number | undefined {
  const port = /^\d{1,5}$/u.test(value) ? Number(value) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** `host:port`, or `[address]:port` for IPv6. */
export function parseServerAddress(value: string): ServerAddress | undefined {
  const colon = value.lastIndexOf(':');
  const port = parsePort(value.slice(colon + 1));
  const named = value.slice(0, Math.max(colon, 0));
  if (port === undefined) return undefined;
  if (named.startsWith('[') && named.endsWith(']')) {
    const host = named.slice(1, -1);
    return isIP(host) === 6 ? { host, port } : undefined;
  }
  const host = isIP(named) === 4 ? named : normalizeDomain(named);
  return host === undefined ? undefined : { host, port };
}

/** Longer paths do not fit into `sockaddr_un`. */
const MAX_SOCKET_PATH = 107;

function parseListenAddress(value: string): ListenAddress | undefined {
  if (value.startsWith('unix:')) {
    const path = value.slice('unix:'.length);
    return path.startsWith('/') && Buffer.byteLength(path) <= MAX_SOCKET_PATH
      ? { kind: 'unix', path }
      : undefined;
  }
  const address = parseServerAddress(value);
  return address === undefined ? undefined : { kind: 'tcp', ...address };
}

export const serverAddress = parsedText(parseServerAddress);
export const listenAddress = parsedText(parseListenAddress);

/** A listener that may be absent: `off`. */
export const optionalListenAddress = z.union([
  z.literal(['off', false]).transform(() => undefined),
  listenAddress,
]);

/** An address, a network (`10.0.0.0/8`), or the word `loopback`. */
export const proxy = parsedText((value) => {
  if (value === 'loopback') return value;
  const [address = '', prefix, ...more] = value.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return undefined;
  if (prefix === undefined) return value;
  return /^\d{1,3}$/u.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128) ? value : undefined;
});

/** An absolute URL; what else it must be depends on other keys and is checked in `config.ts`. */
export const url = parsedText((value) => (URL.canParse(value) ? new URL(value) : undefined));

/** BCP 47, in its canonical spelling. */
export const language = parsedText((value) => {
  try {
    return Intl.getCanonicalLocales(value)[0];
  } catch {
    return undefined; // RangeError: no language tag
  }
});

export const role = z.enum(ROLES);

/** `postgres://…` or `postgresql://…`. */
export const databaseUrl = parsedText((value) =>
  URL.canParse(value) && /^postgres(?:ql)?:$/u.test(new URL(value).protocol) ? value : undefined,
);

/** 32 bytes as 64 hexadecimal digits or as base64. */
export const secretKey = parsedText((value) => {
  if (/^[0-9a-f]{64}$/iu.test(value)) return value;
  return /^[A-Za-z0-9+/]{43}=?$/u.test(value) ? value : undefined;
});
