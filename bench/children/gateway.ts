import { type Gateway, runGateway } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { readText } from '../../src/read-text.ts';
import { serveQuestions } from '../serve.ts';

let gateway: Gateway | undefined;

const start = async (): Promise<void> => {
  const { env } = process;
  const loaded = loadConfig({ readText, configPath: undefined, env, cwd: env['CAUSEWAY_DATA_DIR'] ?? '/' });
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const { config } = loaded;
  // Logged as `causeway run` does it: that is part of the cost.
  const write = (line: string): void => void process.stdout.write(line);
  gateway = await runGateway(config, createLog({ level: config.logLevel, write, now: Date.now, hide: [] }));
};

serveQuestions(process, { start }, async () => gateway?.stop());
