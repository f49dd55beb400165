import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../src/config.ts';
import { ALL_SETTINGS, KNOWN_ENV } from '../src/config-keys.ts';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const service = z.object({
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
});
const compose = z
  .object({
    services: z.object({ gateway: service, postgres: service, prosody: service, caddy: service }),
    networks: z.object({
      default: z.object({ ipam: z.object({ config: z.array(z.object({ subnet: z.string() })) }) }),
    }),
    volumes: z.record(z.string(), z.unknown()),
  })
  .parse(parse(read('docker-compose.yml')));
const { gateway, postgres, prosody, caddy } = compose.services;

/** What compose makes of `${NAME:?…}` and `${NAME:-default}`. */
const substitute = (value: string, env: Readonly<Record<string, string>>): string =>
  value.replaceAll(/\$\{(\w+):([-?])([^}]*)\}/gu, (_, name: string, sign: string, rest: string) => {
    const found = env[name] ?? '';
    if (found === '' && sign === '?') throw new Error(`${name}: ${rest}`);
    return found === '' ? rest : found;
  });

const parseEnvFile = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gmu)].map(([, name, value]) => [name, value]));

/** The variables that the Dockerfile sets. */
const imageEnv = Object.fromEntries(
  [...read('Dockerfile').matchAll(/(CAUSEWAY_\w+)=(\S+)/gu)].map(([, name, value]) => [name, value]),
);

const filesForPeople = [
  'docker-compose.yml',
  'Dockerfile',
  'causeway.example.yaml',
  ...globSync('{*.md,docs/**/*.md,deploy/**/*}', { cwd: ROOT }).filter((path) => /\.\w+$|file$/u.test(path)),
];

test.each(filesForPeople)('%s names only variables that exist', (path) => {
  const names = new Set(read(path).match(/CAUSEWAY_[A-Z_]*[A-Z]/gu) ?? []);
  for (const name of names) expect(KNOWN_ENV, `${path}: ${name}`).toContain(name);
});

describe('docker-compose.yml', () => {
  const filled = parseEnvFile(read('deploy/compose.env.example').replaceAll(/=$/gmu, '=0123abcd'));
  const env = { ...filled, CAUSEWAY_ADMINS: '', CAUSEWAY_CONTACT: '' };
  const substituted = Object.entries(gateway.environment).map(([name, value]) => [
    name,
    substitute(value, env),
  ]);

  test('configures a gateway that starts, out of the filled-in .env', () => {
    const result = loadConfig({
      env: { ...imageEnv, ...Object.fromEntries(substituted) },
      configPath: undefined,
      cwd: '/opt/causeway',
      readText: () => ({ kind: 'absent' }),
    });
    expect(result).toMatchObject({
      ok: true,
      config: {
        domain: 'ap.example.org',
        homeDomains: ['example.org'],
        http: { listen: { kind: 'tcp', host: '0.0.0.0', port: 8080 } },
        xmpp: { server: { host: 'prosody', port: 5347 } },
        dataDir: '/data',
        secrets: { databaseUrl: 'postgres://causeway:0123abcd@postgres:5432/causeway' },
      },
    });
  });

  test('says what is missing in .env', () => {
    const needed = Object.values(compose.services).flatMap((one) => Object.values(one.environment));
    expect(() => needed.map((value) => substitute(value, {}))).toThrow('write it into .env');
    expect(needed.map((value) => substitute(value, env)).join(' ')).not.toContain('$');
  });

  test('gives both ends of a wire the same words', () => {
    expect(prosody.environment['COMPONENT_SECRET']).toBe(gateway.environment['CAUSEWAY_XMPP_SECRET']);
    expect(prosody.environment['COMPONENT_DOMAIN']).toBe(gateway.environment['CAUSEWAY_DOMAIN']);
    expect(prosody.environment['XMPP_DOMAIN']).toBe(gateway.environment['CAUSEWAY_HOME_DOMAINS']);
    expect(gateway.environment['CAUSEWAY_DATABASE_URL']).toContain(
      `:${postgres.environment['POSTGRES_PASSWORD']}@`,
    );
    const [network] = compose.networks.default.ipam.config;
    expect(gateway.environment['CAUSEWAY_TRUSTED_PROXIES']).toBe(network?.subnet);
  });

  test('publishes neither the database, nor the component port, nor plain HTTP of the gateway', () => {
    expect(gateway.ports).toEqual([]);
    expect(postgres.ports).toEqual([]);
    expect(prosody.ports).toEqual(['5222:5222', '5269:5269']);
    expect(caddy.ports).toEqual(['80:80', '443:443']);
  });

  test('mounts files that are there and volumes that it declares', () => {
    for (const { volumes } of Object.values(compose.services)) {
      for (const [source = ''] of volumes.map((volume) => volume.split(':'))) {
        expect(
          source.startsWith('./') ? existsSync(join(ROOT, source)) : source in compose.volumes,
          source,
        ).toBe(true);
      }
    }
  });

  test('has a Prosody and a Caddy that expect the gateway where it is', () => {
    expect(read('deploy/caddy/Caddyfile')).toContain('reverse_proxy gateway:8080');
    const lua = read('deploy/prosody/prosody.cfg.lua');
    expect(lua).toContain('component_ports = { 5347 }');
    const wanted = [...lua.matchAll(/ENV_(\w+)/gu)].map(([, name]) => name).sort();
    expect([...new Set(wanted)]).toEqual(Object.keys(prosody.environment).sort());
  });
});

describe('the Dockerfile', () => {
  const dockerfile = read('Dockerfile');

  test('asks the port on which it listens for its health', () => {
    const port = imageEnv['CAUSEWAY_HTTP_LISTEN']?.split(':').at(-1);
    expect(dockerfile).toContain(`EXPOSE ${port}\n`);
    expect(dockerfile).toContain(`http://127.0.0.1:${port}/readyz`);
  });

  test('runs as nobody in particular, on the Node that package.json wants', () => {
    expect(dockerfile).toMatch(/^USER node$/mu);
    expect(dockerfile.match(/^FROM (\S+)/gmu)).toEqual(['FROM node:24-slim', 'FROM node:24-slim']);
  });

  test('copies only what .dockerignore lets in, and everything that a start needs', () => {
    const letIn = [...read('.dockerignore').matchAll(/^!(.+)$/gmu)].map(([, path]) => path);
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gmu)].flatMap(([, list = '']) =>
      list.split(' '),
    );
    expect([...new Set(copied)].sort()).toEqual([...letIn].sort());
    for (const path of copied) expect(existsSync(join(ROOT, path)), path).toBe(true);
  });
});

describe('the systemd unit', () => {
  const unit = read('deploy/systemd/causeway.service');

  test('starts a file that is there, and does not start again after a wrong configuration', () => {
    expect(unit).toContain('ExecStart=/opt/causeway/node_modules/.bin/node /opt/causeway/dist/main.js run ');
    // What scripts/build.sh makes of it.
    expect(existsSync(join(ROOT, 'src/main.ts'))).toBe(true);
    expect(unit).toContain('RestartPreventExitStatus=64 78');
  });
});

describe('the table in the README', () => {
  const rows = [
    ...read('README.md').matchAll(/^\| `([a-z_.]+)` \| `(CAUSEWAY_[A-Z_]+)`([^|]*)\| ([^|]*)\|/gmu),
  ];

  test('names each key, its variable and whether a file may hold it', () => {
    expect(rows.map(([, key, env, file = '']) => [key, env, file.includes('_FILE')]).sort()).toEqual(
      ALL_SETTINGS.map(({ key, env, secret }) => [key, env, secret]).sort(),
    );
  });
});
