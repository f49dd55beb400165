import type { Db } from './database.ts';

/** A host name as it is compared: lower case, no port, no final dot. */
const canonicalHost = (host: string): string => {
  const lower = host.toLowerCase();
  const name = lower.startsWith('[')
    ? lower.slice(0, lower.indexOf(']') + 1)
    : (lower.split(':', 1)[0] ?? '');
  return name.endsWith('.') ? name.slice(0, -1) : name;
};

/** A host and the domains above it, at most 127 (RFC 1035 2.3.4 allows no more labels). */
const withParents = (host: string): readonly string[] => {
  const labels = canonicalHost(host).split('.').slice(-127);
  return labels.map((_label, index) => labels.slice(index).join('.'));
};

/** Whether the admin refuses this host or a domain above it. `host` may carry a port. */
export const isHostBlocked = async (db: Db, host: string): Promise<boolean> => {
  const { rows } = await db.query<{ blocked: boolean }>(
    'select exists (select from host_blocks where host = any ($1)) as blocked',
    [withParents(host)],
  );
  return rows[0]?.blocked ?? false;
};

/** Refuses a host and all below it; a new reason replaces the old one. */
export const blockHost = async (db: Db, host: string, reason?: string): Promise<void> => {
  await db.query(
    `insert into host_blocks (host, reason) values ($1, $2)
     on conflict (host) do update set reason = excluded.reason`,
    [canonicalHost(host), reason],
  );
};

/** Lifts the block of exactly this host; true when there was one. */
export const unblockHost = async (db: Db, host: string): Promise<boolean> => {
  const { rowCount } = await db.query('delete from host_blocks where host = $1', [canonicalHost(host)]);
  return rowCount === 1;
};
