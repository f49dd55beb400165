import { appendFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

const MESSAGE_LENGTH = 400;

/** The first line of what an error says, cut. */
const brief = (message = ''): string => (message.split('\n')[0] ?? '').slice(0, MESSAGE_LENGTH);

const failuresOf = (module: TestModule): readonly string[] => [
  ...module.errors().map(({ message }) => `${module.relativeModuleId}: ${brief(message)}`),
  ...[...module.children.allTests('failed')].map(
    (test) => `${module.relativeModuleId} > ${test.fullName}: ${brief(test.result().errors?.[0]?.message)}`,
  ),
];

const write = (line: string): void => {
  const file = process.env['CAUSEWAY_FAILURES'];
  if (file === undefined) process.stderr.write(line);
  else appendFileSync(file, line);
};

/**
 * Says once more at the very end which tests failed, a line each: often the last lines of a long run are all that is
 * kept of it. With `CAUSEWAY_FAILURES` into that file.
 */
export const nameFailures = (): Reporter => ({
  onTestRunEnd: (modules) => {
    for (const failure of modules.flatMap(failuresOf)) write(`FAILED ${failure}\n`);
  },
});
