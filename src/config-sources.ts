import { parseDocument } from 'yaml';
import { done, malformed, type Parsed } from './bridge/outcome.ts';
import { ALL_SETTINGS, type AnySetting, KNOWN_ENV, nameSetting } from './config-keys.ts';
import { didYouMean } from './suggest.ts';

/** What came of opening a file. `absent` is ENOENT; everything else that went wrong is a `problem`. */
export type FileText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly problem: string };

/** The only way in which the configuration touches the machine. */
export type ReadText = (path: string) => FileText;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The values as they were written, by key, and what was wrong with the writing. An undefined value was written
 * but could not be read: a problem says so already.
 */
export type Written = { readonly values: ReadonlyMap<string, unknown>; readonly problems: readonly string[] };

const KEYS = ALL_SETTINGS.map(({ key }) => key);
const GROUPS = new Set(KEYS.filter((key) => key.includes('.')).map((key) => key.split('.')[0] ?? ''));

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseYaml(source: string): Parsed<unknown> {
  const document = parseDocument(source, { uniqueKeys: true, prettyErrors: true });
  const [error] = document.errors;
  if (error !== undefined)
    return malformed((error.message.split('\n', 1)[0] ?? 'not YAML').replace(/:$/u, '.'));
  try {
    return done(document.toJS({ maxAliasCount: 20 }));
  } catch (cause) {
    return malformed(cause instanceof Error ? cause.message : 'not YAML');
  }
}

function unknownKey(key: string): string {
  if (KEYS.includes(key)) {
    const [group, name] = key.split('.');
    return `${key}: write it nested: a line "${group}:", and below it, indented, "${name}: …".`;
  }
  return `${key}: there is no such key.${didYouMean(key, [...KEYS, ...GROUPS])}`;
}

/** The keys of one file: nested maps become dotted names. An empty value (`contact:`) counts as not written. */
export function readYamlValues(source: string, file: string): Written {
  const parsed = parseYaml(source);
  if (!parsed.ok) return { values: new Map(), problems: [`${file}: ${parsed.problem}`] };
  const top = parsed.value ?? {};
  if (!isMap(top)) return { values: new Map(), problems: [`${file}: it must hold lines like "key: value".`] };
  const values = new Map<string, unknown>();
  const problems: string[] = [];
  const put = (key: string, value: unknown, known: boolean): void => {
    if (!known) problems.push(unknownKey(key));
    else if (value !== null && value !== undefined) values.set(key, value);
  };
  for (const [name, value] of Object.entries(top)) {
    if (!GROUPS.has(name)) put(name, value, KEYS.includes(name) && !name.includes('.'));
    else if (isMap(value)) {
      for (const [inner, innerValue] of Object.entries(value)) {
        const key = `${name}.${inner}`;
        put(key, innerValue, KEYS.includes(key));
      }
    } else if (value !== null) {
      const inside = KEYS.filter((key) => key.startsWith(`${name}.`)).join(', ');
      problems.push(`${name}: it is a group of keys (${inside}), each on a line of its own below it.`);
    }
  }
  return { values, problems };
}

/** A trailing line break is what editors and `echo` add: it belongs to no secret. */
function readSecretFile(read: ReadText, setting: AnySetting, path: string): Parsed<string> {
  const file = read(path);
  const at = `${setting.env}_FILE names ${path}`;
  if (file.kind === 'absent') return malformed(`${nameSetting(setting)}: ${at}, which does not exist.`);
  if (file.kind === 'unreadable') {
    return malformed(`${nameSetting(setting)}: ${at}, which cannot be read (${file.problem}).`);
  }
  const value = file.text.replace(/\r?\n$/u, '');
  return value === '' ? malformed(`${nameSetting(setting)}: ${at}, which is empty.`) : done(value);
}

/** A secret out of its own file, unless it stands elsewhere too. Undefined: no file is named. */
function takeSecretFile(
  read: ReadText,
  env: Environment,
  inFile: ReadonlyMap<string, unknown>,
  setting: AnySetting,
): Parsed<string> | undefined {
  const path = setting.secret ? env[`${setting.env}_FILE`] : undefined;
  if (!path) return undefined;
  const elsewhere = env[setting.env] ? setting.env : inFile.has(setting.key) && `${setting.key} in the file`;
  return elsewhere
    ? malformed(`${setting.key}: ${elsewhere} and ${setting.env}_FILE are both set. Remove one of them.`)
    : readSecretFile(read, setting, path);
}

/**
 * The values of the environment and of the files that it names. An empty variable counts as not set (compose
 * files pass those on). `inFile` are the values of the YAML file, to see a secret that is given twice.
 */
export function readEnvironmentValues(
  read: ReadText,
  env: Environment,
  inFile: ReadonlyMap<string, unknown>,
): Written {
  const values = new Map<string, unknown>();
  const problems: string[] = [];
  for (const setting of ALL_SETTINGS) {
    const value = env[setting.env];
    if (value) values.set(setting.key, value);
    const secret = takeSecretFile(read, env, inFile, setting);
    if (secret !== undefined) values.set(setting.key, secret.ok ? secret.value : undefined);
    if (secret?.ok === false) problems.push(secret.problem);
  }
  for (const name of Object.keys(env)) {
    if (name.startsWith('CAUSEWAY_') && !KNOWN_ENV.includes(name)) {
      problems.push(`${name}: there is no such environment variable.${didYouMean(name, KNOWN_ENV)}`);
    }
  }
  return { values, problems };
}
