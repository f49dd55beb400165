-- Stanzas that came over the stream and are not dealt with yet. Written many at once, as soon as they are read:
-- XEP-0114 has no acknowledgement, so what a process had read and not written would be gone with it. Only the
-- holder of the stream works on them; an older process knows nothing of them and needs not.
create table received_stanzas (
  position bigint generated always as identity primary key,
  -- Of the process that wrote it, so that it can take back what it cannot know to be written.
  id text not null unique,
  received_at timestamptz not null default now(),
  -- How many holders of the stream have had it.
  terms integer not null default 0,
  stanza jsonb not null
);
