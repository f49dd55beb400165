import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createUndoStack } from '../../test/support/undo.ts';
import { endLeftovers, markChildren } from '../leftovers.ts';
import { createNarrator } from '../narrate.ts';
import { installPackages } from '../packages.ts';
import { exchangeMessages } from '../round-trip.ts';
import { startWorld } from '../world.ts';
import { startDesktop } from './desktop.ts';
import { ACCOUNT } from './gajim-settings.ts';

/** Where the pictures go, unless a folder is named. */
const root = join(import.meta.dirname, '../..');
const folder = join(root, 'data', 'pictures');
const target = process.argv[2] ?? join(root, 'docs', 'pictures');
const PACKAGES = [
  'prosody',
  'python3-slixmpp',
  'gajim',
  'xvfb',
  'openbox',
  'xdotool',
  'imagemagick',
  'dbus',
  'libglib2.0-bin',
  'fonts-dejavu-core',
  'fonts-noto-color-emoji',
  'adwaita-icon-theme',
];

const say = createNarrator(
  (text) => void process.stdout.write(text),
  () => new Date(),
);
const undo = createUndoStack();
try {
  await endLeftovers(folder);
  markChildren(process.env, folder);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  await installPackages(root, PACKAGES, say);
  const world = await startWorld({ root, folder: join(folder, 'world'), say, now: new Date(), undo });
  const desktop = await startDesktop(join(folder, 'desktop'), world.account, undo);
  const shoot = async (name: string): Promise<void> => {
    await desktop.shoot(join(target, `${name}.png`));
    say(`${name}.png: ${(await desktop.windows()).join(' | ')}`);
  };
  await shoot('1-start');
  await exchangeMessages({ ...world, say }, 'in a picture');
  await desktop.act('open-chat', `[<['${ACCOUNT}', '${world.contact}']>]`);
  await shoot('2-chat');
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
} finally {
  await undo.run();
}
process.exit();
