import { expect, test } from 'vitest';
import { readDemoArguments } from '../../demo/arguments.ts';

test.each([
  [[], {}, false],
  [['--once'], {}, true],
  [['--once', '--once'], {}, true],
  [[], { npm_config_once: 'true' }, true],
  [[], { npm_config_once: '' }, false],
] as const)('%j with %j: once is %s', (args, env, once) => {
  expect(readDemoArguments(args, env)).toEqual({ once });
});

test.each([['--onec'], ['once'], ['--once', 'more'], ['']])('%j is not understood', (...args) => {
  expect(readDemoArguments(args, { npm_config_once: 'true' })).toBeUndefined();
});
