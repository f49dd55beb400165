import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Config,
  type ConfigSources,
  type LoadedConfig,
  loadConfig,
  redactConfig,
} from '../src/config.ts';
import { ALL_SETTINGS, KNOWN_ENV } from '../src/config-keys.ts';
import type { FileText } from '../src/config-sources.ts';

const CWD = '/srv/causeway';
const ENV = { CAUSEWAY_DOMAIN: 'ap.xmpp.example', CAUSEWAY_XMPP_SECRET: 'letmein' };

/** Loads from files that are given as texts, or as what came of opening them. */
function load(
  env: ConfigSources['env'],
  files: Readonly<Record<string, string | FileText>> = {},
  configPath?: string,
): LoadedConfig {
  const readText = (path: string): FileText => {
    // An own entry only: `__proto__` is a path like any other.
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    if (file === undefined) return { kind: 'absent' };
    return typeof file === 'string' ? { kind: 'text', text: file } : file;
  };
  return loadConfig({ readText, env, configPath, cwd: CWD });
}

function loaded(...args: Parameters<typeof load>): Config {
  const result = load(...args);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
}

function problems(...args: Parameters<typeof load>): readonly string[] {
  const result = load(...args);
  return result.ok ? [] : result.problems;
}

const yaml = (text: string) => ({ [`${CWD}/causeway.yaml`]: text });

test('two values are enough: everything else has the default of the contract', () => {
  expect(loaded(ENV)).toEqual({
    domain: 'ap.xmpp.example',
    publicUrl: 'https://ap.xmpp.example',
    http: {
      listen: { kind: 'tcp', host: '127.0.0.1', port: 8080 },
      metricsListen: undefined,
      trustedProxies: ['loopback'],
    },
    handleIsJid: false,
    followOnSubscribe: true,
    signedFetchRequired: false,
    limits: { messagesPerMinute: 120, firstContactsPerDay: 100, inboxPerMinute: 3000 },
    contact: undefined,
    language: 'en',
    xmpp: { server: { host: '127.0.0.1', port: 5347 } },
    homeDomains: ['xmpp.example'],
    admins: [],
    registration: 'open',
    dataDir: '/srv/causeway/data',
    roles: ['xmpp', 'web', 'worker'],
    logLevel: 'info',
    retention: { bodiesSeconds: 86_400, idsSeconds: 2_592_000 },
    dev: { allowPrivateAddresses: false, failpoint: undefined },
    secrets: { xmppSecret: 'letmein', databaseUrl: undefined, secretKey: undefined },
  });
});

/** Two values for each key: as the file has it, and as the environment has it. */
const WRITTEN: Record<string, readonly [inFile: string, inEnv: string]> = {
  domain: ['one.xmpp.example', 'two.xmpp.example'],
  public_url: ['https://two.xmpp.example', 'https://two.xmpp.example/'],
  'http.listen': ['127.0.0.1:1', '127.0.0.1:2'],
  'http.metrics_listen': ['127.0.0.1:3', 'off'],
  'http.trusted_proxies': ['[10.0.0.1]', '10.0.0.2, fd00::/8'],
  handle_is_jid: ['false', 'true'],
  follow_on_subscribe: ['true', 'false'],
  signed_fetch_required: ['false', 'true'],
  'limits.messages_per_minute': ['1', '2'],
  'limits.first_contacts_per_day': ['3', '4'],
  'limits.inbox_per_minute': ['5', '0'],
  contact: ['mailto:one@xmpp.example', 'mailto:two@xmpp.example'],
  language: ['de', 'nb-no'],
  'xmpp.server': ['one.example:5347', '[::1]:5348'],
  'xmpp.secret': ['one-secret', 'two-secret'],
  home_domains: ['[one.example]', 'two.example,Three.example'],
  admins: ['[one@xmpp.example]', 'two@xmpp.example'],
  registration: ['closed', 'request'],
  database_url: ['postgres://one/one', 'postgres://two/two'],
  data_dir: ['/one', 'two'],
  secret_key: ["'00'", 'ab'.repeat(32)],
  roles: ['[web]', 'worker,xmpp'],
  log_level: ['warn', 'debug'],
  'retention.bodies': ['1h', '0'],
  'retention.ids': ['9d', '8d'],
  'dev.allow_private_addresses': ['false', 'true'],
};

test('every key can be written in the file, and every variable wins over it', () => {
  expect(Object.keys(WRITTEN).sort()).toEqual(ALL_SETTINGS.map(({ key }) => key).sort());
  const groups = Map.groupBy(Object.keys(WRITTEN), (key) => (key.includes('.') ? key.split('.')[0] : ''));
  const lines = [...groups].flatMap(([group, keys]) => [
    ...(group === '' ? [] : [`${group}:`]),
    ...keys.map((key) => `${group === '' ? '' : '  '}${key.split('.').at(-1)}: ${WRITTEN[key]?.[0]}`),
  ]);
  const env = Object.fromEntries(ALL_SETTINGS.map(({ key, env: name }) => [name, WRITTEN[key]?.[1]]));
  expect(loaded(env, yaml(lines.join('\n')))).toEqual({
    domain: 'two.xmpp.example',
    publicUrl: 'https://two.xmpp.example',
    http: {
      listen: { kind: 'tcp', host: '127.0.0.1', port: 2 },
      metricsListen: undefined,
      trustedProxies: ['10.0.0.2', 'fd00::/8'],
    },
    handleIsJid: true,
    followOnSubscribe: false,
    signedFetchRequired: true,
    limits: { messagesPerMinute: 2, firstContactsPerDay: 4, inboxPerMinute: 0 },
    contact: 'mailto:two@xmpp.example',
    language: 'nb-NO',
    xmpp: { server: { host: '::1', port: 5348 } },
    homeDomains: ['two.example', 'three.example'],
    admins: ['two@xmpp.example'],
    registration: 'request',
    dataDir: '/srv/causeway/two',
    roles: ['worker', 'xmpp'],
    logLevel: 'debug',
    retention: { bodiesSeconds: 0, idsSeconds: 691_200 },
    dev: { allowPrivateAddresses: true, failpoint: undefined },
    secrets: {
      xmppSecret: 'two-secret',
      databaseUrl: 'postgres://two/two',
      secretKey: 'ab'.repeat(32),
    },
  });
  expect(problems({}, yaml(lines.join('\n')))).toHaveLength(2); // the file alone: host of public_url, secret_key
});

test('the names of the environment variables are those of the contract', () => {
  const renamed = ALL_SETTINGS.filter(
    ({ key, env }) => env !== `CAUSEWAY_${key.toUpperCase().replaceAll('.', '_')}`,
  );
  expect(renamed.map(({ key, env }) => [key, env])).toEqual([
    ['http.metrics_listen', 'CAUSEWAY_METRICS_LISTEN'],
    ['http.trusted_proxies', 'CAUSEWAY_TRUSTED_PROXIES'],
  ]);
  expect(KNOWN_ENV.filter((name) => name.endsWith('_FILE'))).toEqual([
    'CAUSEWAY_XMPP_SECRET_FILE',
    'CAUSEWAY_DATABASE_URL_FILE',
    'CAUSEWAY_SECRET_KEY_FILE',
  ]);
});

describe('all problems come at once, each with its key, its variable and what to write', () => {
  test('from the file and the environment together', () => {
    const file = yaml(
      'domian: ap.example\nhttp:\n  lisen: x\nlimits:\n  inbox_per_minute: many\nroles: [web, wrker]',
    );
    const env = { CAUSEWAY_LANGUAGE: 'not a language', CAUSEWAY_LOG_LEVL: 'info', PATH: '/bin' };
    expect(problems(env, file)).toEqual([
      'domian: there is no such key. Did you mean "domain"?',
      'http.lisen: there is no such key. Did you mean "http.listen"?',
      'CAUSEWAY_LOG_LEVL: there is no such environment variable. Did you mean "CAUSEWAY_LOG_LEVEL"?',
      'domain (CAUSEWAY_DOMAIN): missing. Write the name of the component, for example ap.example.org.',
      'xmpp.secret (CAUSEWAY_XMPP_SECRET or CAUSEWAY_XMPP_SECRET_FILE): missing. ' +
        'Write the secret that the XMPP server has for this component.',
      'limits.inbox_per_minute (CAUSEWAY_LIMITS_INBOX_PER_MINUTE): "many" cannot be used. ' +
        'Write a whole number; 0 for no limit.',
      'language (CAUSEWAY_LANGUAGE): "not a language" cannot be used. ' +
        'Write a language tag, for example en or de.',
      'roles (CAUSEWAY_ROLES): ["web","wrker"] cannot be used. Write one or more of xmpp, web, worker.',
    ]);
  });

  test.each([
    [
      'home_domains where the parent holds no dot',
      { CAUSEWAY_DOMAIN: 'ap.example' },
      'home_domains (CAUSEWAY_HOME_DOMAINS): missing',
    ],
    ['another host', { CAUSEWAY_PUBLIC_URL: 'https://www.xmpp.example' }, 'its host must be the domain'],
    ['another scheme', { CAUSEWAY_PUBLIC_URL: 'http://ap.xmpp.example' }, 'works in development only'],
    ['another port', { CAUSEWAY_PUBLIC_URL: 'https://ap.xmpp.example:8443' }, 'works in development only'],
    ['a path', { CAUSEWAY_PUBLIC_URL: 'https://ap.xmpp.example/ap' }, 'nothing behind the host'],
    ['a password', { CAUSEWAY_PUBLIC_URL: 'https://me:pw@ap.xmpp.example' }, 'no name and no password'],
    ['ids that go too soon', { CAUSEWAY_RETENTION_IDS: '7d' }, 'Write 8d or more'],
    ['users at the gateway itself', { CAUSEWAY_HOME_DOMAINS: 'ap.xmpp.example' }, 'is the gateway itself'],
    ['no home at all', { CAUSEWAY_HOME_DOMAINS: ',' }, 'home_domains (CAUSEWAY_HOME_DOMAINS)'],
    ['no role at all', { CAUSEWAY_ROLES: ',' }, 'roles (CAUSEWAY_ROLES)'],
  ])('%s', (_, env, sentence) => {
    const found = problems({ ...ENV, ...env });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(sentence);
  });

  test('development allows another scheme and port, never another host', () => {
    const dev = { ...ENV, CAUSEWAY_DEV_ALLOW_PRIVATE_ADDRESSES: 'true' };
    const url = 'http://ap.xmpp.example:8080';
    expect(loaded({ ...dev, CAUSEWAY_PUBLIC_URL: url }).publicUrl).toBe(url);
    expect(problems({ ...dev, CAUSEWAY_PUBLIC_URL: 'http://localhost:8080' })).toHaveLength(1);
    expect(problems({ ...dev, CAUSEWAY_PUBLIC_URL: 'ftp://ap.xmpp.example' })).toHaveLength(1);
  });
});

describe('the file', () => {
  const here = `${CWD}/causeway.yaml`;
  const minimal = 'domain: ap.xmpp.example\nxmpp: {secret: abc}';

  test('is --config, else CAUSEWAY_CONFIG, else ./causeway.yaml if there', () => {
    const files = {
      '/a.yaml': `${minimal}\nlanguage: de`,
      '/b.yaml': `${minimal}\nlanguage: fr`,
      [here]: `${minimal}\nlanguage: it`,
    };
    expect(loaded({ CAUSEWAY_CONFIG: '/b.yaml' }, files, '/a.yaml').language).toBe('de');
    expect(loaded({ CAUSEWAY_CONFIG: '/b.yaml' }, files).language).toBe('fr');
    expect(loaded({ CAUSEWAY_CONFIG: '' }, files).language).toBe('it');
    expect(loaded({}, files, '../../b.yaml').language).toBe('fr');
  });

  test('must be there where it was named, and readable', () => {
    expect(problems(ENV, {}, 'gone.yaml')).toEqual([
      `${CWD}/gone.yaml: there is no such file. Name the configuration with --config or CAUSEWAY_CONFIG.`,
    ]);
    expect(problems(ENV, { [here]: { kind: 'unreadable', problem: 'EACCES' } })).toEqual([
      `${here}: it cannot be read (EACCES).`,
    ]);
  });

  test.each([
    ['is not YAML', 'domain: [', /causeway\.yaml: .*line/u],
    ['holds a tab', 'http:\n\tlisten: x', /causeway\.yaml: Tabs .* line 2, column 1\.$/u],
    ['holds a key twice', 'domain: a.b.c\ndomain: d.e.f', /causeway\.yaml: .*unique/u],
    ['is a list', '- domain', /it must hold lines like "key: value"/u],
    [
      'has a value where keys belong',
      `${minimal}\nhttp: 8080`,
      /http: it is a group of keys \(http\.listen, /u,
    ],
    ['has a dotted key', `${minimal}\nhttp.listen: 127.0.0.1:1`, /http\.listen: write it nested/u],
    [
      'multiplies aliases',
      `a: &a [x,x]\n${'b: [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n'.repeat(3)}`,
      /causeway\.yaml: /u,
    ],
    ['has a map where a value belongs', `${minimal}\nlanguage: {a: b}`, /language \(CAUSEWAY_LANGUAGE\)/u],
  ])('that %s is a problem', (_, text, sentence) => {
    const found = problems({}, yaml(text));
    expect(
      found.some((problem) => sentence.test(problem)),
      found.join('\n'),
    ).toBe(true);
  });

  test('may be empty, and may leave a value empty', () => {
    expect(loaded(ENV, yaml('')).language).toBe('en');
    expect(loaded(ENV, yaml('contact:\nhttp:\n')).contact).toBeUndefined();
  });
});

describe('secrets', () => {
  const fileEnv = { CAUSEWAY_DOMAIN: 'ap.xmpp.example', CAUSEWAY_XMPP_SECRET_FILE: '/run/secret' };

  test('may lie in files of their own; the last line break belongs to none', () => {
    for (const text of ['letmein', 'letmein\n', 'letmein\r\n']) {
      expect(loaded(fileEnv, { '/run/secret': text }).secrets.xmppSecret).toBe('letmein');
    }
  });

  test.each<[string, Record<string, string>, Record<string, string | FileText>, string]>([
    ['absent', {}, {}, 'which does not exist'],
    ['empty', {}, { '/run/secret': '\n' }, 'which is empty'],
    [
      'unreadable',
      {},
      { '/run/secret': { kind: 'unreadable', problem: 'EACCES' } },
      'cannot be read (EACCES)',
    ],
    ['beside the variable', { CAUSEWAY_XMPP_SECRET: 'x' }, { '/run/secret': 'y' }, 'both set. Remove one'],
    [
      'beside the key',
      {},
      { '/run/secret': 'y', ...yaml('xmpp: {secret: x}') },
      'xmpp.secret in the file and',
    ],
  ])('a file that is %s is one problem', (_, env, files, sentence) => {
    const found = problems({ ...fileEnv, ...env }, files);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(sentence);
  });

  test('are in no problem and in no display', () => {
    const marks = { CAUSEWAY_DATABASE_URL: 'mysql://u:MARK1@h/d', CAUSEWAY_SECRET_KEY: 'MARK2' };
    const found = problems({ ...ENV, ...marks }).join('\n');
    expect(found).toContain('database_url');
    expect(found).toContain('secret_key');
    expect(found).not.toMatch(/MARK/u);
    const config = loaded({ ...ENV, CAUSEWAY_DATABASE_URL: 'postgres://u:MARK1@h/d' });
    const shown = JSON.stringify(redactConfig(config));
    expect(shown).not.toMatch(/MARK|letmein/u);
    expect(redactConfig(config).secrets).toEqual({
      xmppSecret: 'set',
      databaseUrl: 'set',
      secretKey: 'not set',
    });
  });
});

test('whatever stands in the file and the environment, the answer is a value', () => {
  const env = fc.dictionary(fc.constantFrom(...KNOWN_ENV), fc.string());
  const file = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .dictionary(fc.constantFrom(...ALL_SETTINGS.map(({ key }) => key)), fc.jsonValue())
      .map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(env, file, (variables, text) => {
      const result = load(variables, yaml(text));
      expect(result.ok || result.problems.length > 0).toBe(true);
    }),
  );
});

describe('causeway.example.yaml', () => {
  const example = readFileSync(join(import.meta.dirname, '../causeway.example.yaml'), 'utf8');
  const uncommented = example.replaceAll(/^( *)# ( *[a-z_]+:(?: .*)?)$/gmu, '$1$2');
  const env = { CAUSEWAY_XMPP_SECRET: 'x' };

  test('works as it is', () => {
    expect(loaded(env, yaml(example)).domain).toBe('ap.example.org');
  });

  test('names exactly the keys there are, each with its default and its variable', () => {
    expect(loaded(env, yaml(uncommented))).toEqual(loaded({ ...env, CAUSEWAY_DOMAIN: 'ap.example.org' }));
    for (const { key, env: name } of ALL_SETTINGS) {
      const line = new RegExp(`^ *${key.split('.').at(-1)}:`, 'mu');
      expect(uncommented, key).toMatch(line);
      expect(example, name).toContain(name);
    }
    const written = uncommented.match(/^ *[a-z_]+:/gmu) ?? [];
    const groups = new Set(ALL_SETTINGS.flatMap(({ key }) => (key.includes('.') ? [key.split('.')[0]] : [])));
    expect(written).toHaveLength(ALL_SETTINGS.length + groups.size);
  });
});
