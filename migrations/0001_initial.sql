-- XMPP users who are ActivityPub actors. A row of state 'left' stays, so that its URLs answer 410.
create table users (
  id text primary key,
  jid text not null,
  name text not null,
  display_name text,
  state text not null default 'active' check (state in ('active', 'left')),
  created_at timestamptz not null default now(),
  left_at timestamptz
);
create unique index users_jid_active on users (jid) where state = 'active';
create unique index users_name_active on users (name) where state = 'active';
create index users_name on users (name);

-- Our private keys. Sealed: 12 bytes nonce, 16 bytes tag, ciphertext of the PKCS#8 DER
-- (AES-256-GCM under the secret key, the actor id as additional data).
create table actor_keys (
  id bigint generated always as identity primary key,
  actor_id text not null, -- a user's id, or 'instance'
  public_pem text not null,
  private_sealed bytea not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz
);
create unique index actor_keys_current on actor_keys (actor_id) where retired_at is null;

-- Actors of other servers, as plain data made by activitypub/parse-actor.ts.
create table remote_actors (
  id text primary key,
  handle_user text not null,
  handle_host text not null,
  profile jsonb not null,
  fetched_at timestamptz not null default now(),
  gone_at timestamptz
);
create index remote_actors_handle on remote_actors (handle_user, handle_host);

-- A key id belongs to the first owner that claimed it, for good.
create table remote_keys (
  id text primary key,
  owner text not null references remote_actors (id) on delete cascade,
  pem text, -- null once its owner lists it no more: it verifies nothing, and nobody else can have the id
  fetched_at timestamptz not null default now()
);
create index remote_keys_owner on remote_keys (owner);

-- What WebFinger said: every handle that was asked for, canonical or alias, and whose it is.
create table handles (
  handle text primary key, -- user@host, lower case
  actor_id text not null references remote_actors (id) on delete cascade,
  checked_at timestamptz not null default now()
);

-- 'out': the XMPP user follows the actor. 'in': the actor follows the XMPP user.
create table follows (
  user_id text not null references users (id),
  actor_id text not null,
  direction text not null check (direction in ('out', 'in')),
  state text not null check (state in ('pending', 'accepted')),
  follow_id text not null, -- the id of the Follow activity, ours or theirs
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, actor_id, direction)
);
create index follows_follow_id on follows (follow_id);

-- One row for each XMPP user and correspondent: where the thread stands.
create table chats (
  user_id text not null references users (id),
  actor_id text not null,
  started_by text not null check (started_by in ('user', 'actor')),
  newest_object_id text,
  context text not null,
  conversation text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, actor_id)
);
create index chats_first_contacts on chats (user_id, created_at) where started_by = 'user';

-- The map of ids: which stanza is which object. No body lies here.
create table messages (
  id bigint generated always as identity primary key,
  user_id text not null references users (id),
  actor_id text not null,
  direction text not null check (direction in ('out', 'in')),
  stanza_id text,
  object_id text not null,
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  unique (object_id, user_id)
);
create index messages_stanza on messages (user_id, actor_id, stanza_id, id) where stanza_id is not null;
create index messages_created on messages (created_at);

-- Notes of ours that peers may fetch. `note` is null once its time is over (404) or it was deleted (410).
create table notes (
  id text primary key,
  user_id text not null references users (id),
  audience text[] not null,
  note jsonb,
  created_at timestamptz not null default now(),
  completed_at timestamptz, -- the last delivery is over
  deleted_at timestamptz
);
create index notes_to_purge on notes (completed_at) where note is not null;

-- Queues with lanes. inbox, deliveries and stanzas are worked in order within a lane (an actor; a user and a
-- correspondent; a recipient). Exactly one unfinished row of each lane is its head, and only heads are ever
-- looked for: a claim costs the same whether 10 or 1,000,000 rows wait behind a peer that is away. Triggers
-- keep it so: the first row to enter an empty lane is the head, and a head that leaves passes it on. Both
-- happen under an advisory lock of the lane, held to the end of the transaction, so that a row cannot enter
-- behind a head that is just leaving. (A function of its own takes the lock: each statement in it has a new
-- snapshot and sees what was committed while it waited.)

-- Stanzas of the last ten minutes, to recognise one that comes again (clients reuse counter ids, so the
-- payload is part of the key).
create table seen_stanzas (
  digest bytea primary key,
  seen_at timestamptz not null default now()
);
create index seen_stanzas_at on seen_stanzas (seen_at);

-- Verified activities: written before 202 is answered. `body` is null once worked; the row itself stays for
-- at least eight days, so that a repeat is recognised.
create table inbox (
  id bigint generated always as identity primary key,
  activity_id text not null,
  actor_id text not null,
  body text,
  received_at timestamptz not null default now(),
  head boolean not null default false,
  due_at timestamptz not null default now(),
  attempts integer not null default 0,
  lease_until timestamptz,
  done_at timestamptz,
  last_error text,
  unique (activity_id, actor_id),
  check (done_at is not null or body is not null),
  check (done_at is null or not head)
);
create index inbox_due on inbox (due_at, id) where head;
create unique index inbox_head on inbox (actor_id) where head;
create index inbox_lane on inbox (actor_id, id) where done_at is null;
create index inbox_done on inbox (done_at) where done_at is not null;

create function inbox_enter() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(new.actor_id, 1));
  new.head := not exists (select from inbox where actor_id = new.actor_id and head);
  return new;
end $$;
create trigger inbox_enter before insert on inbox for each row execute function inbox_enter();

create function inbox_leave() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(old.actor_id, 1));
  update inbox set head = true
  where id = (select id from inbox where actor_id = old.actor_id and done_at is null order by id limit 1);
  return null;
end $$;
create trigger inbox_leave after update of head on inbox
  for each row when (old.head and not new.head) execute function inbox_leave();
create trigger inbox_delete after delete on inbox
  for each row when (old.head) execute function inbox_leave();

-- Activities on their way to a remote inbox. A lane (one user and one correspondent) is worked in order.
create table deliveries (
  id bigint generated always as identity primary key,
  activity_id text not null,
  sender text not null, -- a user's id, or 'instance'
  inbox text not null,
  host text not null,
  lane text not null,
  body text, -- the rendered document: every try sends the same bytes
  note_id text,
  report_to jsonb, -- whom to tell how it ended; null where nobody waits
  state text not null default 'due' check (state in ('due', 'failed')),
  head boolean not null default false,
  created_at timestamptz not null default now(),
  due_at timestamptz not null default now(),
  attempts integer not null default 0,
  lease_until timestamptz,
  last_status integer,
  last_error text,
  unique (activity_id, inbox),
  check (state = 'failed' or body is not null),
  check (state = 'due' or not head)
);
create index deliveries_due on deliveries (due_at, id) where head;
create unique index deliveries_head on deliveries (lane) where head;
create index deliveries_lane on deliveries (lane, id) where state = 'due';
create index deliveries_note on deliveries (note_id) where note_id is not null and state = 'due';
create index deliveries_failed on deliveries (created_at) where state = 'failed';

create function deliveries_enter() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(new.lane, 2));
  new.head := not exists (select from deliveries where lane = new.lane and head);
  return new;
end $$;
create trigger deliveries_enter before insert on deliveries
  for each row execute function deliveries_enter();

create function deliveries_leave() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(old.lane, 2));
  update deliveries set head = true
  where id = (select id from deliveries where lane = old.lane and state = 'due' order by id limit 1);
  return null;
end $$;
create trigger deliveries_leave after update of head on deliveries
  for each row when (old.head and not new.head) execute function deliveries_leave();
create trigger deliveries_delete after delete on deliveries
  for each row when (old.head) execute function deliveries_leave();

-- Stanzas on their way to the XMPP server: deleted once the server has taken them.
create table stanzas (
  id bigint generated always as identity primary key,
  recipient text not null, -- bare JID: order holds within it
  stanza jsonb, -- null once it failed
  created_at timestamptz not null default now(),
  head boolean not null default false,
  attempts integer not null default 0,
  lease_until timestamptz,
  state text not null default 'due' check (state in ('due', 'failed')),
  last_error text,
  check (state = 'failed' or stanza is not null),
  check (state = 'due' or not head)
);
create index stanzas_due on stanzas (id) where head;
create unique index stanzas_head on stanzas (recipient) where head;
create index stanzas_lane on stanzas (recipient, id) where state = 'due';

create function stanzas_enter() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(new.recipient, 3));
  new.head := not exists (select from stanzas where recipient = new.recipient and head);
  return new;
end $$;
create trigger stanzas_enter before insert on stanzas for each row execute function stanzas_enter();

create function stanzas_leave() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(old.recipient, 3));
  update stanzas set head = true
  where id = (select id from stanzas where recipient = old.recipient and state = 'due' order by id limit 1);
  return null;
end $$;
create trigger stanzas_leave after update of head on stanzas
  for each row when (old.head and not new.head) execute function stanzas_leave();
create trigger stanzas_delete after delete on stanzas
  for each row when (old.head) execute function stanzas_leave();

-- 'in': the actor blocked the XMPP user. 'out': the XMPP user blocked the actor.
create table blocks (
  user_id text not null references users (id),
  actor_id text not null,
  direction text not null check (direction in ('out', 'in')),
  created_at timestamptz not null default now(),
  primary key (user_id, actor_id, direction)
);

-- Whole hosts that the admin refuses.
create table host_blocks (
  host text primary key,
  reason text,
  created_at timestamptz not null default now()
);
