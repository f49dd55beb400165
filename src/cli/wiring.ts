import { runGateway } from '../app.ts';
import type { Commands } from './commands.ts';
import { doctor } from './doctor.ts';
import { migrate } from './migrate.ts';
import { resolve } from './resolve.ts';
import { status } from './status.ts';

/** Which function does what on the command line: the only file of `cli/` that knows the parts of the gateway. */
export const commands: Commands = {
  runGateway,
  doctor,
  migrate,
  status,
  resolve,
};
