-- What is known of a host that made trouble: a host without a row is well. See delivery/breaker.ts.
create table hosts (
  host text primary key,
  recent_failures timestamptz[] not null default '{}', -- the last few, oldest first
  openings integer not null default 0, -- of the breaker, one after the other without a success
  open_until timestamptz, -- nothing is sent before; then one probe at a time; null while closed
  probe_until timestamptz, -- a probe is under way, until then at the latest
  failed_on date, -- the last day (UTC) with a failure
  failed_days integer not null default 0, -- distinct days with failures and no success since
  dead text check (dead in ('silent', 'gone')), -- deliveries are given up at once
  spoke_at timestamptz, -- the last time a request from it brought a probe forward
  release boolean not null default false, -- it lives again: what was postponed is to be brought forward
  updated_at timestamptz not null default now()
);
create index hosts_release on hosts (host) where release;
create index hosts_updated on hosts (updated_at);

-- recipient: the actor's URI. tries: how many had a result (attempts counts every claim). unanswered: claims
-- since the last result. patient: the peer named the time in due_at. review_at: when to look at the row apart
-- from its schedule, first to tell its author that it is late, then because its time is over.
alter table deliveries
  add column recipient text,
  add column tries integer not null default 0,
  add column unanswered integer not null default 0,
  add column patient boolean not null default false,
  add column review_at timestamptz not null default now() + interval '10 minutes';
create index deliveries_review on deliveries (review_at) where state = 'due';

-- A claim goes from host to host: heads that wait for one that is away are never read.
create index deliveries_host on deliveries (host, due_at, id) where head;
drop index deliveries_due;
