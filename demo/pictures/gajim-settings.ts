import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Account } from '../xmpp-user.ts';

/** The name of the account inside Gajim. */
export const ACCOUNT = 'Alice';

const WORKSPACE = '6d81bd3b-9ffb-4f0f-b3c8-1ac8d3b52b1a';

/** No question at the first start, no keyring, no sound, no picture of the desktop's own. */
const APP = {
  use_keyring: false,
  sounds_on: false,
  show_notifications: false,
  show_status_icon: false,
  trayicon: 'never',
  ask_online_status: false,
  check_for_update: false,
  always_ask_for_status_message: false,
  send_status_change_notifications: false,
  plugins_update_check: false,
  use_system_keyring: false,
};

/** The settings of Gajim 1.7 as it keeps them: an SQLite file with one JSON object for the program, one an account. */
export const writeGajimSettings = (folder: string, { jid, password, host, port }: Account): void => {
  mkdirSync(folder, { recursive: true });
  const [name = '', hostname = ''] = jid.split('@');
  const account = {
    name,
    hostname,
    password,
    active: true,
    account_label: ACCOUNT,
    autoconnect: true,
    savepass: true,
    use_custom_host: true,
    custom_host: host,
    custom_port: port,
    custom_type: 'PLAIN',
    confirm_unencrypted_connection: false,
    sync_with_global_status: true,
  };
  const database = new DatabaseSync(join(folder, 'settings.sqlite'));
  database.exec(`
    create table settings (name text unique, settings text);
    create table account_settings (account text unique, settings text);
    pragma user_version = 5;
  `);
  const insert = database.prepare('insert into settings values (?, ?)');
  insert.run('app', JSON.stringify(APP));
  for (const name of ['soundevents', 'status_presets', 'proxies', 'plugins']) insert.run(name, '{}');
  insert.run(
    'workspaces',
    JSON.stringify({ [WORKSPACE]: { name: 'Chats', color: '#555', avatar_sha: '', chats: [] } }),
  );
  database
    .prepare('insert into account_settings values (?, ?)')
    .run(ACCOUNT, JSON.stringify({ account, contact: {}, group_chat: {} }));
  database.close();
};
