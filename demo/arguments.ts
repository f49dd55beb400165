/** What the person at the terminal asks for. */
export type DemoWish = {
  /** End after one message each way. */
  readonly once: boolean;
};

/**
 * Reads the command line without the program's name; undefined where it cannot be understood. Of
 * `npm run demo --once`, where the `--` before the option was forgotten, npm keeps the option to itself, as a
 * setting of its own in the environment: that is understood too.
 */
export function readDemoArguments(args: readonly string[], env: NodeJS.ProcessEnv): DemoWish | undefined {
  if (args.some((arg) => arg !== '--once')) return undefined;
  return { once: args.length > 0 || env['npm_config_once'] === 'true' };
}
