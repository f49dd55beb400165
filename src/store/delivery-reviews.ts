import type { ReportTo } from '../bridge/report.ts';
import type { Db } from './database.ts';
import {
  CLAIMED_COLUMNS,
  type ClaimedDelivery,
  type ClaimedRow,
  readReportTo,
  rowToClaimed,
} from './deliveries.ts';

export type LateDelivery = { readonly host: string; readonly reportTo: ReportTo | undefined };

/**
 * Takes one delivery that has been on its way for ten minutes and is not past `lifeSeconds`: the next look at
 * it is when that is over. Whoever takes it tells its author in the same transaction, so that this happens
 * once, whatever ends the process.
 */
export const takeLateDelivery = async (db: Db, lifeSeconds: number): Promise<LateDelivery | undefined> => {
  const { rows } = await db.query<{ host: string; report_to: ReportTo | null }>(
    `update deliveries set review_at = created_at + make_interval(secs => $1)
     where id = (
       select id from deliveries
       where state = 'due' and review_at <= now() and created_at > now() - make_interval(secs => $1)
       order by review_at limit 1 for update skip locked)
     returning host, report_to`,
    [lifeSeconds],
  );
  const row = rows[0];
  return (
    row && { host: row.host, reportTo: row.report_to === null ? undefined : readReportTo(row.report_to) }
  );
};

/**
 * Takes deliveries whose time is over and which nobody is sending, heads and those behind them: a breaker
 * that is open keeps them from a last try. To be given up.
 */
export const claimOverdue = async (
  db: Db,
  options: { readonly limit: number; readonly leaseSeconds: number; readonly lifeSeconds: number },
): Promise<readonly ClaimedDelivery[]> => {
  const { rows } = await db.query<ClaimedRow>(
    `with over as (
       select id from deliveries
       where state = 'due' and review_at <= now() and created_at <= now() - make_interval(secs => $3)
         and (lease_until is null or lease_until <= now())
       order by review_at limit $1 for update skip locked
     )
     update deliveries set attempts = attempts + 1, unanswered = unanswered + 1,
       lease_until = now() + make_interval(secs => $2)
     where id = any (array(select id from over))
     returning ${CLAIMED_COLUMNS}, 'troubled' as health`,
    [options.limit, options.leaseSeconds, options.lifeSeconds],
  );
  return rows.map(rowToClaimed);
};
