import { z } from 'zod';
import {
  bareJid,
  count,
  databaseUrl,
  domain,
  duration,
  flag,
  LOG_LEVELS,
  language,
  list,
  listenAddress,
  optionalListenAddress,
  proxy,
  role,
  secretKey,
  serverAddress,
  text,
  url,
} from './config-values.ts';

/** One thing that an admin can set. `T` is what it becomes. */
export type Setting<T> = {
  /** Where it stands in the file: `http.listen` is `listen` below `http`. */
  readonly key: string;
  /** The environment variable that wins over the file. */
  readonly env: string;
  /** A secret is never shown, and may lie in a file of its own that `<env>_FILE` names. */
  readonly secret: boolean;
  readonly schema: z.ZodType<T>;
  /** What holds where nobody sets it. */
  readonly fallback: T;
  /** What to write, as the end of the sentence "Write …". */
  readonly write: string;
};

/** The name of the environment variable: `CAUSEWAY_` and the key; two keys below `http` have a shorter one. */
const envOf = (key: string): string => `CAUSEWAY_${key.replaceAll('.', '_').toUpperCase()}`;

const setting = <T>(
  key: string,
  schema: z.ZodType<T>,
  fallback: NoInfer<T>,
  write: string,
  more: { readonly env?: string; readonly secret?: boolean } = {},
): Setting<T> => ({ key, env: envOf(key), secret: false, schema, fallback, write, ...more });

const optional = <T>(schema: z.ZodType<T>): z.ZodType<T | undefined> => schema;
const aFlag = 'true or false';
const aLimit = 'a whole number; 0 for no limit';
const secret = { secret: true };

/**
 * Every key there is. `causeway.example.yaml`, the table in the README and the files in `deploy/` are compared
 * with this one by tests.
 */
export const SETTINGS = {
  domain: setting('domain', domain, '', 'the name of the component, for example ap.example.org'),
  publicUrl: setting('public_url', optional(url), undefined, 'an address like https://ap.example.org'),
  httpListen: setting(
    'http.listen',
    listenAddress,
    { kind: 'tcp', host: '127.0.0.1', port: 8080 },
    'host:port, [IPv6]:port or unix:/path, for example 127.0.0.1:8080',
  ),
  metricsListen: setting(
    'http.metrics_listen',
    optional(optionalListenAddress),
    undefined,
    'off, host:port, [IPv6]:port or unix:/path',
    { env: 'CAUSEWAY_METRICS_LISTEN' },
  ),
  trustedProxies: setting(
    'http.trusted_proxies',
    list(proxy),
    ['loopback'],
    'addresses or networks of your reverse proxies, or loopback',
    { env: 'CAUSEWAY_TRUSTED_PROXIES' },
  ),
  handleIsJid: setting('handle_is_jid', flag, false, aFlag),
  followOnSubscribe: setting('follow_on_subscribe', flag, true, aFlag),
  signedFetchRequired: setting('signed_fetch_required', flag, false, aFlag),
  messagesPerMinute: setting('limits.messages_per_minute', count, 120, aLimit),
  firstContactsPerDay: setting('limits.first_contacts_per_day', count, 100, aLimit),
  inboxPerMinute: setting('limits.inbox_per_minute', count, 3000, aLimit),
  contact: setting('contact', optional(text), undefined, 'how to reach you: a mail address, a JID or a URL'),
  language: setting('language', language, 'en', 'a language tag, for example en or de'),
  xmppServer: setting(
    'xmpp.server',
    serverAddress,
    { host: '127.0.0.1', port: 5347 },
    'host:port of the component listener of your XMPP server',
  ),
  xmppSecret: setting(
    'xmpp.secret',
    text,
    '',
    'the secret that the XMPP server has for this component',
    secret,
  ),
  homeDomains: setting(
    'home_domains',
    list(domain).pipe(z.array(z.string()).min(1)),
    [],
    'the XMPP domains whose users may register, for example example.org',
  ),
  admins: setting('admins', list(bareJid), [], 'bare JIDs, for example alice@example.org'),
  registration: setting(
    'registration',
    z.enum(['open', 'request', 'closed']),
    'open',
    'open, request or closed',
  ),
  databaseUrl: setting(
    'database_url',
    optional(databaseUrl),
    undefined,
    'postgres://user:password@host:port/database, or leave it out for the embedded database',
    secret,
  ),
  dataDir: setting('data_dir', text, './data', 'the path of a folder'),
  secretKey: setting(
    'secret_key',
    optional(secretKey),
    undefined,
    '32 bytes as 64 hexadecimal digits or as base64, for example the output of: openssl rand -hex 32',
    secret,
  ),
  roles: setting(
    'roles',
    list(role).pipe(z.array(role).min(1)),
    ['xmpp', 'web', 'worker'],
    'one or more of xmpp, web, worker',
  ),
  logLevel: setting('log_level', z.enum(LOG_LEVELS), 'info', 'debug, info, warn or error'),
  retentionBodies: setting('retention.bodies', duration, 86_400, 'a time like 24h, or 0'),
  retentionIds: setting('retention.ids', duration, 30 * 86_400, 'a time like 30d, 8d or more'),
  allowPrivateAddresses: setting('dev.allow_private_addresses', flag, false, aFlag),
} as const;

/** What every key has, whatever it becomes. */
export type AnySetting = Pick<Setting<unknown>, 'key' | 'env' | 'secret' | 'write'>;

export const ALL_SETTINGS: readonly AnySetting[] = Object.values(SETTINGS);

/** Names the configuration file itself; has no key in it. */
export const CONFIG_ENV = 'CAUSEWAY_CONFIG';
/** For tests: where the process shall fail. No setting, and refused outside of development. */
export const FAILPOINT_ENV = 'CAUSEWAY_FAILPOINT';

/** Every environment variable that means something, `…_FILE` too. */
export const KNOWN_ENV: readonly string[] = [
  CONFIG_ENV,
  FAILPOINT_ENV,
  ...ALL_SETTINGS.flatMap(({ env, secret: hidden }) => (hidden ? [env, `${env}_FILE`] : [env])),
];

/** How a key is called in a sentence: both of its names. */
export function nameSetting(setting: AnySetting): string {
  return setting.secret
    ? `${setting.key} (${setting.env} or ${setting.env}_FILE)`
    : `${setting.key} (${setting.env})`;
}
