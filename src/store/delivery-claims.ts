import type { Db } from './database.ts';
import {
  CLAIMED_COLUMNS,
  type ClaimedDelivery,
  type ClaimedRow,
  type DeliveryClaim,
  rowToClaimed,
} from './deliveries.ts';

/** A delivery claimed so often without a result may be what ends the process: it goes one at a time. */
const SUSPECT_AFTER = 2;

/** Whether a claimed delivery is one of those that go one at a time. */
export const isSuspect = ({ unanswered }: Pick<ClaimedDelivery, 'unanswered'>): boolean =>
  unanswered > SUSPECT_AFTER;

export type ClaimOptions = {
  readonly limit: number;
  readonly leaseSeconds: number;
  /** Deliveries to one host at most; the same as `limit` unless told. */
  readonly perHost?: number;
  /** How many more may go to hosts that are busy already. */
  readonly room?: ReadonlyMap<string, number>;
  /** Whether a suspect may be among them; of all suspects only one is. */
  readonly suspects?: boolean;
};

/**
 * From host to host over an index that holds heads only, so that a claim costs by the hosts with something to
 * send and by what it takes, never by what waits for one of them; but the heads that wait for news of a key are looked
 * at each time. Of each host as many as it has room for:
 * none while its breaker is open, one where a probe is due; those of a dead host, to be given up.
 * Turn by turn, so that no host is served before another has had its first. Where a host has yet to hear of a
 * sender's new key, nothing else of that sender goes there, for it may know the old key only: until the news was
 * taken and left a moment (`deliver.ts`), or the host, which answers, does not want it. News to one person's inbox
 * holds up what goes to that person, or into that inbox, alone.
 */
const CLAIM = `
  with recursive waiting as (
    (select host from deliveries where head order by host limit 1)
    union all
    select (select host from deliveries where head and host > waiting.host order by host limit 1)
    from waiting where waiting.host is not null
  ), served as (
    select waiting.host, hosts.open_until <= now() as probe,
      case when hosts.open_until > now() then 'dead'
        when hosts.open_until is not null or hosts.failed_days > 0 or cardinality(hosts.recent_failures) > 0
        then 'troubled' else 'well' end as health,
      least(coalesce(busy.room, $3), case when hosts.open_until <= now() then 1 else $3 end) as room
    from waiting
    left join hosts using (host)
    left join unnest($4::text[], $5::int[]) as busy (host, room) using (host)
    where waiting.host is not null
      and (hosts.open_until is null
        or (hosts.open_until > now() and hosts.dead is not null)
        or (hosts.open_until <= now() and coalesce(hosts.probe_until <= now(), true)))
  ), ready as (
    select due.*, row_number() over (partition by suspect order by unanswered, due_at, id) as turn
    from served cross join lateral (
      select id, due_at, unanswered, unanswered >= $6 as suspect,
        row_number() over (order by due_at, id) as place
      from (
        select id, due_at, unanswered from deliveries as next
        where head and host = served.host and due_at <= now()
          and (lease_until is null or lease_until <= now()) and ($7 or unanswered < $6)
          -- No join: where there is news at all, it is asked for the rows that are looked at, and for no others.
          and (not exists (select from deliveries where old_key is not null and state = 'due') or not exists (
            select from deliveries as news
            where news.sender = next.sender and news.host = next.host and news.state = 'due'
              and (news.recipient is null or news.recipient = next.recipient or news.inbox = next.inbox)
              and news.old_key is not null and (next.old_key is null or news.old_key < next.old_key)
              and (news.last_status is null or news.last_status in (429, 502, 503, 504)
                or news.last_status between 200 and 299)))
        order by due_at, id limit $3
      ) as first
    ) as due
    where due.place <= served.room
  ), free as (
    select id from deliveries
    where id = any (array(
        select id from ready where not suspect or turn = 1 order by place, due_at, id limit $1))
      and head and due_at <= now() and (lease_until is null or lease_until <= now())
    for update skip locked
  ), claimed as (
    update deliveries set attempts = attempts + 1, unanswered = unanswered + 1,
      lease_until = now() + make_interval(secs => $2)
    where id = any (array(select id from free))
    returning ${CLAIMED_COLUMNS}
  ), probed as (
    update hosts set probe_until = now() + make_interval(secs => $2)
    where host in (select host from claimed join served using (host) where probe)
  )
  select claimed.*, served.health from claimed join served using (host) order by id`;

/**
 * Takes deliveries to send, for the time of the lease: the head of each lane and nothing behind it. One
 * whose lease ran out is taken again.
 */
export const claimDeliveries = async (db: Db, options: ClaimOptions): Promise<readonly ClaimedDelivery[]> => {
  const room = options.room ?? new Map<string, number>();
  const { rows } = await db.query<ClaimedRow>(CLAIM, [
    options.limit,
    options.leaseSeconds,
    options.perHost ?? options.limit,
    [...room.keys()],
    [...room.values()],
    SUSPECT_AFTER,
    options.suspects ?? true,
  ]);
  return rows.map(rowToClaimed);
};

/** Holds on to deliveries that are still worked; one that somebody else holds by now stays with them. */
export const renewDeliveries = async (
  db: Db,
  claims: readonly DeliveryClaim[],
  leaseSeconds: number,
): Promise<void> => {
  await db.query(
    `update deliveries set lease_until = now() + make_interval(secs => $3)
     from unnest($1::bigint[], $2::int[]) as held (held_id, held_attempts)
     where id = held_id and attempts = held_attempts and lease_until is not null`,
    [claims.map(({ id }) => id), claims.map(({ attempts }) => attempts), leaseSeconds],
  );
};
