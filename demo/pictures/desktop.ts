import { execFile } from 'node:child_process';
import { chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startChild } from '../../test/support/child.ts';
import type { UndoStack } from '../../test/support/undo.ts';
import type { Account } from '../xmpp-user.ts';
import { writeGajimSettings } from './gajim-settings.ts';

const run = promisify(execFile);

/** That of Gajim's window with its frame. */
const SIZE = { width: 1001, height: 524 } as const;
const START_MS = 30_000;
/** Gajim does not run as root: it, and all that it talks to, is this user's. */
const NOBODY = 65_534;

/** A screen that nobody sees, with a window manager and Gajim, a client that nobody of this project wrote. */
export type Desktop = {
  /** An action of Gajim's, by its own name; `parameter` as gdbus takes it (GVariant text). */
  readonly act: (name: string, parameter: string) => Promise<void>;
  /** Keys and clicks, as xdotool(1) takes them. */
  readonly type: (...words: readonly string[]) => Promise<void>;
  /** The titles of all windows. */
  readonly windows: () => Promise<readonly string[]>;
  /** Writes a PNG of the screen once nothing on it has moved for a moment. */
  readonly shoot: (file: string) => Promise<void>;
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const until = async (what: string, isSo: () => boolean | Promise<boolean>): Promise<void> => {
  const end = Date.now() + START_MS;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`${what} did not come up within ${START_MS / 1000} seconds`);
    await pause(200);
  }
};

const asNobody = (...words: readonly string[]): string[] => [
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  '--clear-groups',
  ...words,
];

/** Starts all of it. `folder` becomes the home of Gajim. */
export const startDesktop = async (folder: string, account: Account, undo: UndoStack): Promise<Desktop> => {
  const home = join(folder, 'home');
  for (const each of [folder, home]) mkdirSync(each, { recursive: true });
  writeGajimSettings(join(home, 'gajim'), account);
  await run('chown', ['-R', `${NOBODY}:${NOBODY}`, home]);
  chownSync(folder, NOBODY, NOBODY);
  const number = 90 + (process.pid % 100);
  const bus = join(home, 'bus');
  const env = {
    PATH: process.env['PATH'] ?? '/usr/bin',
    LANG: 'C.UTF-8',
    HOME: home,
    XDG_RUNTIME_DIR: home,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CACHE_HOME: join(home, 'cache'),
    DISPLAY: `:${number}`,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${bus}`,
    NO_AT_BRIDGE: '1',
    GTK_A11Y: 'none',
  };
  const start = async (command: string, args: readonly string[], logFile: string): Promise<void> => {
    const child = await startChild(command, { args, env, logFile: join(folder, logFile) });
    undo.add(() => child.stop());
  };
  const screen = `${SIZE.width}x${SIZE.height}x24`;
  await start('Xvfb', [`:${number}`, '-screen', '0', screen, '-nolisten', 'tcp'], 'xvfb.log');
  await until('Xvfb', () => existsSync(`/tmp/.X11-unix/X${number}`));
  const dbus = ['dbus-daemon', '--session', '--nofork', '--nopidfile', `--address=unix:path=${bus}`];
  await start('setpriv', asNobody(...dbus), 'dbus.log');
  await until('the message bus', () => existsSync(bus));
  await start('setpriv', asNobody('openbox'), 'openbox.log');
  await start('setpriv', asNobody('gajim', '-c', join(home, 'gajim'), '--separate'), 'gajim.log');

  const windows = async (): Promise<readonly string[]> => {
    const found = await run('xdotool', ['search', '--onlyvisible', '--name', '.+', 'getwindowname', '%@'], {
      env,
    }).catch(() => ({ stdout: '' }));
    return found.stdout.split('\n').filter((title) => title !== '');
  };
  await until('Gajim', async () => (await windows()).some((title) => title.includes('Gajim')));
  const capture = async (file: string): Promise<string> => {
    await run('import', ['-window', 'root', file], { env });
    return (await run('identify', ['-format', '%#', file], { env })).stdout;
  };
  return {
    windows,
    act: async (name, parameter) => {
      const call = [
        'gdbus',
        'call',
        '--session',
        '--dest',
        'org.gajim.Gajim',
        '--object-path',
        '/org/gajim/Gajim',
      ];
      const method = ['--method', 'org.gtk.Actions.Activate', name, parameter, '{}'];
      await run('setpriv', asNobody(...call, ...method), { env });
    },
    type: async (...words) => void (await run('xdotool', words, { env })),
    shoot: async (file) => {
      let last = '';
      for (let tries = 0; tries < 20; tries += 1) {
        const now = await capture(file);
        if (now === last) return;
        last = now;
        await pause(500);
      }
    },
  };
};
