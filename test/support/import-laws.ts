import { dirname, join, normalize } from 'node:path';

/** What the files of one folder of `src/` may import. `folders: '*'` is every folder. */
export type FolderLaw = { readonly folders: readonly string[] | '*'; readonly packages: readonly string[] };

/** By folder of `src/`; `.` holds the files at its top. */
export type ImportLaws = ReadonlyMap<string, FolderLaw>;

/** Modules that open sockets, and the folders that may. */
const WIRE_MODULES = new Set(['net', 'http', 'http2', 'https', 'tls', 'dns', 'dns/promises', 'dgram']);
const WIRE_FOLDERS: readonly string[] = ['xmpp', 'activitypub', '.', 'cli'];
/** Must stay pure: no module of Node at all. */
const PURE_FOLDER = 'bridge';

const HEADING = '| folder | may import from src | packages |';

const namesIn = (cell: string): readonly string[] =>
  [...cell.matchAll(/`([^`]+)`/gu)].map(([, name = '']) => name);

/**
 * Reads the laws out of the one table that states them, in docs/architecture.md. A row is
 * `| folder | may import from src | packages |`; names stand in backquotes; "all" is every folder.
 */
export function parseImportLaws(markdown: string): ImportLaws {
  const lines = markdown.split('\n');
  const start = lines.indexOf(HEADING);
  if (start < 0) throw new Error(`no table with the heading ${HEADING}`);
  const laws = new Map<string, FolderLaw>();
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith('|')) break;
    const [, folders = '', imports = '', packages = ''] = line.split('|');
    const law: FolderLaw = {
      folders: imports.trim() === 'all' ? '*' : namesIn(imports).map((name) => name.replace(/\/$/u, '')),
      packages: namesIn(packages),
    };
    for (const name of namesIn(folders)) laws.set(name === 'src/*.ts' ? '.' : name.replace(/\/$/u, ''), law);
  }
  return laws;
}

/** The folder of `src/` in which a file lies, `.` for the top. `file` is relative to `src/`. */
export const folderOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '.') : '.');

const IMPORT =
  /^\s*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\b(?:import|require)\s*\(\s*['"`]([^'"`]+)['"`]/gmu;

/** Every module that a source imports, exports from or loads at run time. */
export function importsOf(source: string): readonly string[] {
  return [...source.matchAll(IMPORT)].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '');
}

/** `zod` and `@xmpp/component` out of `zod/mini` and `@xmpp/component/lib`. */
const packageOf = (spec: string): string => spec.split('/', spec.startsWith('@') ? 2 : 1).join('/');

/** `@xmpp/*` in a law is every package of that scope. */
const covers = (name: string, spec: string): boolean =>
  name.endsWith('/*') ? spec.startsWith(name.slice(0, -1)) : packageOf(spec) === name;

function breachOf(laws: ImportLaws, file: string, spec: string): string | undefined {
  const folder = folderOf(file);
  const law = laws.get(folder);
  if (law === undefined) return 'docs/architecture.md has no law for this folder';
  if (spec.startsWith('.')) {
    const path = normalize(join(dirname(file), spec));
    if (path.startsWith('..')) return 'leads out of src/';
    const target = folderOf(path);
    return law.folders === '*' || target === folder || law.folders.includes(target)
      ? undefined
      : `${folder}/ must not import ${target}/`;
  }
  if (spec.startsWith('node:')) {
    if (folder === PURE_FOLDER) return 'the bridge is pure: it gets what it needs as arguments';
    return WIRE_MODULES.has(spec.slice('node:'.length)) && !WIRE_FOLDERS.includes(folder)
      ? 'only the two wires open sockets'
      : undefined;
  }
  return law.packages.some((name) => covers(name, spec))
    ? undefined
    : `${folder}/ does not own ${packageOf(spec)}`;
}

/**
 * The imports of one file that its folder must not have, each as a sentence.
 * @param file relative to `src/`, with `/`
 */
export function findBreaches(laws: ImportLaws, file: string, source: string): readonly string[] {
  return importsOf(source).flatMap((spec) => {
    const breach = breachOf(laws, file, spec);
    return breach === undefined ? [] : [`src/${file} imports ${spec}: ${breach}`];
  });
}
