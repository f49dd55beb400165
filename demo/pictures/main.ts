import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createUndoStack } from '../../test/support/undo.ts';
import { endLeftovers, markChildren } from '../leftovers.ts';
import { createNarrator } from '../narrate.ts';
import { installPackages } from '../packages.ts';
import { exchangeMessages } from '../round-trip.ts';
import { GATEWAY_DOMAIN, startWorld } from '../world.ts';
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

const LOG_IN_MS = 5_000;
const STEP_MS = 1_000;
const ACCEPT_MS = 12_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

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
  const shoot = (name: string): Promise<void> => desktop.shoot(join(target, `${name}.png`));

  // Gajim logs in; before that it adds nobody.
  await pause(LOG_IN_MS);
  await exchangeMessages({ ...world, say }, 'in a picture');
  await world.person.follow(`@alice@${GATEWAY_DOMAIN}`);
  await pause(ACCEPT_MS);
  // The account's own page, where requests are.
  await desktop.type('mousemove', '35', '488', 'click', '1');
  await shoot('request');

  await desktop.act('add-contact', "[<''>]");
  await pause(STEP_MS);
  await desktop.type('type', world.contact);
  await shoot('add');
  await desktop.type('key', 'Return');
  await pause(STEP_MS);
  await desktop.type('key', 'Return');
  // Carol's server looks at what has come every few seconds.
  await pause(ACCEPT_MS);
  await shoot('roster');

  await desktop.act('open-chat', `[<['${ACCOUNT}', '${world.contact}']>]`);
  await desktop.type('mousemove', '700', '300');
  await shoot('chat');
  await desktop.act(`${ACCOUNT}-contact-info`, `[<'${world.contact}'>]`);
  await shoot('profile');
  await desktop.type('key', 'Escape');

  const nobody = `nobody${world.contact.slice(world.contact.indexOf('%'))}`;
  await desktop.act('add-contact', "[<''>]");
  await pause(STEP_MS);
  await desktop.type('type', nobody);
  await desktop.type('key', 'Return');
  await pause(2_000);
  await shoot('nobody');
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
} finally {
  await undo.run();
}
process.exit();
