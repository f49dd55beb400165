-- Pictures of contacts, made small, by the URL that an actor names. Without bytes: it could not be had, or was none, at
-- that time. A cache and no more: any row may go at any time. An older process writes and reads none.
create table pictures (
  url text primary key check (length(url) <= 1024),
  sha1 text,
  bytes bytea,
  fetched_at timestamptz not null default now(),
  check ((sha1 is null) = (bytes is null))
);
create index pictures_fetched_at on pictures (fetched_at);
