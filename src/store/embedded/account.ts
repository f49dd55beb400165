import { StartRefusal } from '../start-refusal.ts';
import { type Account, runProgram } from './run.ts';

/** PostgreSQL refuses to run as root: one of these runs it then. The first is made where neither exists. */
const NAMES = ['causeway', 'postgres'] as const;

export const isRoot = (): boolean => process.getuid?.() === 0;

/** The account for a new cluster; undefined when this process is not root and so runs the server as itself. */
export const chooseAccount = async (log: (line: string) => void): Promise<Account | undefined> => {
  if (!isRoot()) return undefined;
  for (const name of NAMES) {
    const account = await findAccount(name);
    if (account !== undefined) return account;
  }
  const [name] = NAMES;
  log(`making the system user ${name}: the database cannot run as root`);
  const { output } = await runProgram('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
    name,
  ]);
  // Another process may have made it just now: what counts is that it is there.
  const account = await findAccount(name);
  if (account === undefined) {
    throw new StartRefusal(
      `The database cannot run as root, and no system user could be made for it (${output.trim()}). ` +
        `Run this as another user, or make one with: useradd --system ${name}`,
    );
  }
  return account;
};

const findAccount = async (name: string): Promise<Account | undefined> => {
  const [user, group] = await Promise.all([runProgram('id', ['-u', name]), runProgram('id', ['-g', name])]);
  if (user.code !== 0 || group.code !== 0) return undefined;
  return { uid: Number(user.output), gid: Number(group.output) };
};
