import type { Commands } from './commands.ts';

/** Which function does what on the command line: the only file of `cli/` that knows the parts of the gateway. */
export const commands: Commands = {
  runGateway: () => Promise.reject(new Error('run is not wired')),
  doctor: () => Promise.reject(new Error('doctor is not wired')),
  migrate: () => Promise.reject(new Error('migrate is not wired')),
  status: () => Promise.reject(new Error('status is not wired')),
  resolve: () => Promise.reject(new Error('resolve is not wired')),
};
