import { resolve } from 'node:path';
import {
  type AnySetting,
  CONFIG_ENV,
  FAILPOINT_ENV,
  nameSetting,
  SETTINGS,
  type Setting,
} from './config-keys.ts';
import type { Config } from './config-shape.ts';
import { type Environment, type ReadText, readEnvironmentValues, readYamlValues } from './config-sources.ts';

export { type Config, redactConfig, type Secrets } from './config-shape.ts';
export type { ListenAddress, LogLevel, Role, ServerAddress } from './config-values.ts';

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

export type ConfigSources = {
  readonly readText: ReadText;
  /** `--config`. */
  readonly configPath: string | undefined;
  readonly env: Environment;
  /** An absolute path: relative paths start here. */
  readonly cwd: string;
};

const DAY = 86_400;
/** Peers repeat a delivery for about a week: an id that is forgotten sooner would be shown twice. */
const MIN_ID_SECONDS = 8 * DAY;

/** Reads the file and the environment into values by key; the environment wins. */
function readSources({ readText, configPath, env, cwd }: ConfigSources) {
  const named = configPath ?? (env[CONFIG_ENV] || undefined);
  const path = resolve(cwd, named ?? 'causeway.yaml');
  const file = readText(path);
  const problems: string[] = [];
  if (file.kind === 'unreadable') problems.push(`${path}: it cannot be read (${file.problem}).`);
  if (file.kind === 'absent' && named !== undefined) {
    problems.push(`${path}: there is no such file. Name the configuration with --config or ${CONFIG_ENV}.`);
  }
  const yaml = file.kind === 'text' ? readYamlValues(file.text, path) : { values: new Map(), problems: [] };
  const environment = readEnvironmentValues(readText, env, yaml.values);
  return {
    values: new Map([...yaml.values, ...environment.values]),
    problems: [...problems, ...yaml.problems, ...environment.problems],
  };
}

/** What an admin wrote, short enough for a sentence. Never called for a secret. */
function quote(value: unknown): string {
  const written = JSON.stringify(value) ?? String(value);
  return written.length > 80 ? `${written.slice(0, 79)}…` : written;
}

const USERS_LIVE_ELSEWHERE = 'Write the domain of the XMPP users, for example example.org.';

const missing = (setting: AnySetting): string => `${nameSetting(setting)}: missing. Write ${setting.write}.`;

/** `ap.xmpp.example` stands below `xmpp.example`; a parent without a dot is nobody's XMPP domain. */
function parentDomain(domain: string): string | undefined {
  const parent = domain.slice(domain.indexOf('.') + 1);
  return parent !== domain && parent.includes('.') ? parent : undefined;
}

/** The origin, or what is wrong with it. */
function checkPublicUrl(url: URL, domain: string, dev: boolean): string | undefined {
  const name = nameSetting(SETTINGS.publicUrl);
  if (url.username !== '' || url.password !== '') return `${name}: it must hold no name and no password.`;
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return `${name}: it must hold nothing behind the host. Write https://${domain}.`;
  }
  const inDevelopment = `${nameSetting(SETTINGS.allowPrivateAddresses)} set to true`;
  if (url.hostname !== domain) {
    return `${name}: its host must be the domain, because other servers check that. Write https://${domain}.`;
  }
  if (dev ? !/^https?:$/u.test(url.protocol) : url.origin !== `https://${domain}`) {
    return `${name}: another scheme or port works in development only, with ${inDevelopment}. Write https://${domain}.`;
  }
  return undefined;
}

/**
 * Makes the configuration out of the command line, the environment and the YAML file. Pure but for `readText`.
 * @returns the configuration, or ALL the problems, each a sentence that names the key, its environment variable
 *   and what to write; the values of secrets are never in them
 */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const { values, problems } = readSources(sources);

  /** The value, or the fallback when there is none or it is wrong: then a problem stops all anyway. */
  const take = <T>(setting: Setting<T>): T => {
    const raw = values.get(setting.key);
    if (raw === undefined) return setting.fallback;
    const parsed = setting.schema.safeParse(raw);
    if (parsed.success) return parsed.data;
    const seen = setting.secret ? 'it cannot be used' : `${quote(raw)} cannot be used`;
    problems.push(`${nameSetting(setting)}: ${seen}. Write ${setting.write}.`);
    return setting.fallback;
  };

  for (const setting of [SETTINGS.domain, SETTINGS.xmppSecret]) {
    if (!values.has(setting.key)) problems.push(missing(setting));
  }
  const failpoint = sources.env[FAILPOINT_ENV] || undefined;
  const config = assemble(take, sources.cwd, failpoint);
  const publicUrl = take(SETTINGS.publicUrl);
  problems.push(...checkTogether(config, publicUrl, values.has(SETTINGS.homeDomains.key)));
  return problems.length === 0 ? { ok: true, config } : { ok: false, problems: [...new Set(problems)] };
}

/** What is wrong with settings that each could be used. */
function checkTogether(config: Config, publicUrl: URL | undefined, namesHomes: boolean): readonly string[] {
  const { domain, dev, homeDomains, retention } = config;
  const problems: string[] = [];
  if (domain !== '') {
    const wrong = publicUrl && checkPublicUrl(publicUrl, domain, dev.allowPrivateAddresses);
    if (wrong !== undefined) problems.push(wrong);
    if (!namesHomes && homeDomains.length === 0) problems.push(missing(SETTINGS.homeDomains));
    if (homeDomains.includes(domain)) {
      problems.push(
        `${nameSetting(SETTINGS.homeDomains)}: ${domain} is the gateway itself. ${USERS_LIVE_ELSEWHERE}`,
      );
    }
  }
  if (retention.idsSeconds < MIN_ID_SECONDS) {
    problems.push(
      `${nameSetting(SETTINGS.retentionIds)}: other servers repeat deliveries for days. Write 8d or more.`,
    );
  }
  if (dev.failpoint !== undefined && !dev.allowPrivateAddresses) {
    problems.push(`${FAILPOINT_ENV}: it is for tests only. Remove it.`);
  }
  return problems;
}

function assemble(take: <T>(setting: Setting<T>) => T, cwd: string, failpoint: string | undefined): Config {
  const domain = take(SETTINGS.domain);
  const homeDomains = take(SETTINGS.homeDomains);
  const parent = parentDomain(domain);
  return {
    domain,
    publicUrl: take(SETTINGS.publicUrl)?.origin ?? `https://${domain}`,
    http: {
      listen: take(SETTINGS.httpListen),
      metricsListen: take(SETTINGS.metricsListen),
      trustedProxies: take(SETTINGS.trustedProxies),
    },
    handleIsJid: take(SETTINGS.handleIsJid),
    followOnSubscribe: take(SETTINGS.followOnSubscribe),
    signedFetchRequired: take(SETTINGS.signedFetchRequired),
    limits: {
      messagesPerMinute: take(SETTINGS.messagesPerMinute),
      firstContactsPerDay: take(SETTINGS.firstContactsPerDay),
      inboxPerMinute: take(SETTINGS.inboxPerMinute),
    },
    contact: take(SETTINGS.contact),
    language: take(SETTINGS.language),
    xmpp: { server: take(SETTINGS.xmppServer) },
    homeDomains: homeDomains.length === 0 && parent !== undefined ? [parent] : homeDomains,
    admins: take(SETTINGS.admins),
    registration: take(SETTINGS.registration),
    dataDir: resolve(cwd, take(SETTINGS.dataDir)),
    roles: take(SETTINGS.roles),
    logLevel: take(SETTINGS.logLevel),
    retention: {
      bodiesSeconds: take(SETTINGS.retentionBodies),
      idsSeconds: take(SETTINGS.retentionIds),
    },
    dev: { allowPrivateAddresses: take(SETTINGS.allowPrivateAddresses), failpoint },
    secrets: {
      xmppSecret: take(SETTINGS.xmppSecret),
      databaseUrl: take(SETTINGS.databaseUrl),
      secretKey: take(SETTINGS.secretKey),
    },
  };
}
