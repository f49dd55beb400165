import { type Config, loadConfig } from '../config.ts';
import type { Environment, ReadText } from '../config-sources.ts';
import { EXIT } from '../exit-codes.ts';
import { createLog, type Log, toError } from '../log.ts';
import { type ConfiguredCommand, parseArguments, USAGE } from './arguments.ts';
import type { Answer, Commands } from './commands.ts';
import { type ProcessEvents, runUntilStopped } from './run-until-stopped.ts';

/** At each start: what was made for a developer's machine is easily copied to another. */
const DEVELOPMENT_ONLY =
  'dev.allow_private_addresses is true: any stranger can make this gateway reach into its own machine and network, ' +
  'and it talks plain http. Never in public.';

/** Everything that the command line touches. */
export type CommandLineDeps = {
  readonly commands: Commands;
  readonly env: Environment;
  readonly cwd: string;
  readonly readText: ReadText;
  readonly version: string;
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly now: () => number;
  readonly events: ProcessEvents;
};

/** An orderly stop may take this long, in milliseconds. */
const STOP_LIMIT_MS = 10_000;

const hiddenOf = ({ secrets }: Config): readonly string[] =>
  [secrets.xmppSecret, secrets.secretKey, secrets.databaseUrl].filter((secret) => secret !== undefined);

function askCommand(
  commands: Commands,
  config: Config,
  log: Log,
  command: Exclude<ConfiguredCommand, { readonly name: 'run' }>,
): Promise<Answer> {
  return command.name === 'resolve'
    ? commands.resolve(config, log, command.target)
    : commands[command.name](config, log);
}

function printAnswer(deps: CommandLineDeps, answer: Answer, json: boolean): number {
  const text = json ? JSON.stringify(answer.data, undefined, 2) : answer.lines.join('\n');
  deps.writeOut(`${text}\n`);
  return answer.ok ? EXIT.ok : EXIT.found;
}

function printFailure(deps: CommandLineDeps, log: Log, name: string, cause: unknown): number {
  const error = toError(cause);
  if (error.name === 'StartRefusal') {
    deps.writeError(`causeway ${name}: ${error.message}\n`);
    return EXIT.config;
  }
  log.error('command-failed', { command: name, error });
  return EXIT.software;
}

/**
 * Does what the command line says.
 * @param argv without the program's name
 * @returns the exit code; the caller leaves with it at once
 */
export async function runCommandLine(deps: CommandLineDeps, argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(argv);
  if (!parsed.ok) {
    deps.writeError(`causeway: ${parsed.problem}\n\n${USAGE}`);
    return EXIT.usage;
  }
  const invocation = parsed.value;
  if (invocation.kind !== 'command') {
    deps.writeOut(invocation.kind === 'help' ? USAGE : `causeway ${deps.version}\n`);
    return EXIT.ok;
  }
  const { command, configPath, json } = invocation;
  const loaded = loadConfig({ readText: deps.readText, configPath, env: deps.env, cwd: deps.cwd });
  if (!loaded.ok) {
    const lines = loaded.problems.map((problem) => `  - ${problem}\n`).join('');
    deps.writeError(`causeway: the configuration cannot be used:\n${lines}`);
    return EXIT.config;
  }
  const { config } = loaded;
  // The answer of any other command belongs to standard output alone: a program may read it.
  const write = command.name === 'run' ? deps.writeOut : deps.writeError;
  const log = createLog({ level: config.logLevel, write, now: deps.now, hide: hiddenOf(config) });
  if (command.name !== 'run') {
    try {
      return printAnswer(deps, await askCommand(deps.commands, config, log, command), json);
    } catch (cause) {
      return printFailure(deps, log, command.name, cause);
    }
  }
  log.info('starting', { version: deps.version, domain: config.domain, roles: config.roles });
  if (config.dev.allowPrivateAddresses) log.warn('development-only', { message: DEVELOPMENT_ONLY });
  return runUntilStopped({
    events: deps.events,
    log,
    start: () => deps.commands.runGateway(config, log),
    stopLimitMs: STOP_LIMIT_MS,
    now: deps.now,
  });
}
