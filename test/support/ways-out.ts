/** Names by which a module of Node, or undici, opens a connection to somebody or asks a resolver. */
const OPENERS = new Map<string, (name: string) => boolean>([
  [
    'node:net',
    (name) => ['connect', 'createConnection', 'Socket', 'SocketConstructor', 'Stream'].includes(name),
  ],
  ['node:http', (name) => ['request', 'get', 'Agent', 'ClientRequest', 'WebSocket'].includes(name)],
  ['node:https', (name) => name !== 'createServer' && name !== 'Server'],
  ['node:http2', (name) => name !== 'createServer' && name !== 'createSecureServer'],
  ['node:tls', (name) => name !== 'createServer' && name !== 'Server'],
  ['node:dgram', () => true],
  ['node:dns', () => true],
  ['node:dns/promises', () => true],
  ['undici', () => true],
]);
const GLOBALS = ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'];

const IMPORT = /^\s*(?:import|export)\s+(type\s+)?([^'";]*?)\s*\bfrom\s*['"]([^'"]+)['"]/gmu;
const DYNAMIC = /\b(?:import|require)\s*\(\s*['"`]([^'"`]+)['"`]\s*\)/gu;

/** What stands in braces, without types and without new names; all else (`* as x`, a default) is `*`. */
const namesIn = (clause: string): readonly string[] => {
  const [, before = '', braces] = /^([^{]*)(?:\{([^}]*)\})?/u.exec(clause) ?? [];
  const named = (braces ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => name.split(/\s+as\s+/u)[0] ?? name);
  return before.replace(',', '').trim() === '' ? named : ['*', ...named];
};

/** Comments and texts left out: names there open nothing. */
const codeOf = (source: string): string =>
  source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/gu, "''");

const usesGlobal = (code: string, name: string): boolean => {
  if (new RegExp(`\\bglobalThis\\s*\\??\\.?\\[?\\s*${name}\\b`, 'u').test(code)) return true;
  const isOwn = new RegExp(`\\b(?:const|let|function|class)\\s+${name}\\b|\\b${name}\\s*\\??:`, 'u').test(
    code,
  );
  return !isOwn && new RegExp(`(?<![.\\w$#])${name}\\b`, 'u').test(code);
};

/**
 * By which names a source reaches out by itself: imports of what opens connections (types do not), as
 * `node:net connect`, and globals of Node, as `fetch`. A name that the source gives to something of its own is none.
 */
export function findWaysOut(source: string): readonly string[] {
  const found = [...source.matchAll(IMPORT)].flatMap(([, type, clause = '', spec = '']) => {
    const opens = OPENERS.get(spec);
    if (opens === undefined || type !== undefined) return [];
    return namesIn(clause)
      .filter((name) => name === '*' || opens(name))
      .map((name) => `${spec} ${name}`);
  });
  const dynamic = [...source.matchAll(DYNAMIC)].flatMap(([, spec = '']) =>
    OPENERS.has(spec) ? [`${spec} *`] : [],
  );
  const code = codeOf(source);
  return [...found, ...dynamic, ...GLOBALS.filter((name) => usesGlobal(code, name))];
}
