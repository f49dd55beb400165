import { parseArgs } from 'node:util';
import { done, malformed, type Parsed } from '../bridge/outcome.ts';
import { didYouMean } from '../suggest.ts';

/** The commands that need the configuration. */
export type ConfiguredCommand =
  | { readonly name: 'run' }
  | { readonly name: 'doctor' | 'migrate' | 'status' }
  | { readonly name: 'resolve'; readonly target: string };

export type Invocation =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'command';
      readonly command: ConfiguredCommand;
      /** `--config`. */
      readonly configPath: string | undefined;
      readonly json: boolean;
    };

export const USAGE = `Causeway: the gateway that puts the Fediverse into an XMPP roster.

Usage: causeway <command> [--config FILE] [--json]

  run                run the gateway until SIGTERM or Ctrl-C
  doctor             check the set-up and say what to change where
  migrate            bring the database to this version's schema
  status             show stream, database and queues on one screen
  resolve <address>  look up a handle (@user@host), a JID (user%host@domain) or a URL

  --config FILE      the configuration; else CAUSEWAY_CONFIG, else ./causeway.yaml
  --json             print the result for a program
  --help, --version
`;

const COMMANDS = ['run', 'doctor', 'migrate', 'status', 'resolve'] as const;
const OPTIONS = {
  config: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;
const OPTION_NAMES = Object.keys(OPTIONS).map((name) => `--${name}`);
/** No handle, JID or URL that means something is longer. */
const MAX_TARGET = 4_096;

function parseCommand([name, ...operands]: readonly string[]): Parsed<ConfiguredCommand> {
  if (name === undefined) return malformed(`Say what to do: ${COMMANDS.join(', ')}.`);
  const known = COMMANDS.find((command) => command === name);
  if (known === undefined) return malformed(`There is no command "${name}".${didYouMean(name, COMMANDS)}`);
  const [target, ...more] = operands;
  if (known === 'resolve') {
    if (target === undefined || target === '') return malformed('resolve needs a handle, a JID or a URL.');
    if (target.length > MAX_TARGET) return malformed('resolve: this is too long to be an address.');
    return more.length === 0 ? done({ name: known, target }) : malformed('resolve takes one address.');
  }
  return target === undefined ? done({ name: known }) : malformed(`${known} takes nothing behind it.`);
}

type Option = { readonly name: string; readonly rawName: string; readonly value: string | undefined };

/** What is wrong with an option, or undefined. */
function checkOption({ name, rawName, value }: Option): string | undefined {
  if (!Object.hasOwn(OPTIONS, name)) {
    return `There is no option "${rawName}".${didYouMean(rawName, OPTION_NAMES)}`;
  }
  if (name !== 'config') return value === undefined ? undefined : `${rawName} takes no value.`;
  return !value || value.startsWith('--') ? '--config needs the name of a file behind it.' : undefined;
}

/**
 * Reads the command line without the program's name.
 * @returns what to do, or a sentence about what is wrong (exit code 64)
 */
export function parseArguments(argv: readonly string[]): Parsed<Invocation> {
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options: OPTIONS,
    allowPositionals: true,
    strict: false, // strict throws, and suggests nothing
    tokens: true,
  });
  for (const token of tokens) {
    const problem = token.kind === 'option' ? checkOption(token) : undefined;
    if (problem !== undefined) return malformed(problem);
  }
  if (values.help === true) return done({ kind: 'help' });
  if (values.version === true) return done({ kind: 'version' });
  const command = parseCommand(positionals);
  if (!command.ok) return command;
  const configPath = typeof values.config === 'string' ? values.config : undefined;
  return done({ kind: 'command', command: command.value, configPath, json: values.json === true });
}
