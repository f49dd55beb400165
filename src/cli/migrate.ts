import { openStore } from '../app-store.ts';
import type { Commands } from './commands.ts';

/** Brings the tables up to date, beside a running gateway too. */
export const migrate: Commands['migrate'] = async (config, log) => {
  const store = await openStore(config, log, { share: true });
  await store.close();
  const { migrated } = store;
  const line = migrated.length === 0 ? 'The database is up to date.' : `Migrated: ${migrated.join(', ')}.`;
  return { ok: true, lines: [line], data: { migrated } };
};
