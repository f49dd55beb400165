-- Made by "npm run schema": what the migrations make of an empty database. Do not edit.

create table actor_keys (
  id bigint generated always as identity not null,
  actor_id text not null,
  public_pem text not null,
  private_sealed bytea not null,
  created_at timestamp with time zone default now() not null,
  retired_at timestamp with time zone,
  constraint actor_keys_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX actor_keys_current ON public.actor_keys USING btree (actor_id) WHERE (retired_at IS NULL);

create table blocks (
  user_id text not null,
  actor_id text not null,
  direction text not null,
  created_at timestamp with time zone default now() not null,
  constraint blocks_direction_check CHECK ((direction = ANY (ARRAY['out'::text, 'in'::text]))),
  constraint blocks_pkey PRIMARY KEY (user_id, actor_id, direction),
  constraint blocks_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
);

create table changed_contacts (
  actor_id text not null,
  changed_at timestamp with time zone default now() not null,
  constraint changed_contacts_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES remote_actors(id) ON DELETE CASCADE,
  constraint changed_contacts_pkey PRIMARY KEY (actor_id)
);

create table chats (
  user_id text not null,
  actor_id text not null,
  started_by text not null,
  newest_object_id text,
  context text not null,
  conversation text not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint chats_pkey PRIMARY KEY (user_id, actor_id),
  constraint chats_started_by_check CHECK ((started_by = ANY (ARRAY['user'::text, 'actor'::text]))),
  constraint chats_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
);
CREATE INDEX chats_first_contacts ON public.chats USING btree (user_id, created_at) WHERE (started_by = 'user'::text);

create table contested_messages (
  id bigint default nextval('messages_id_seq'::regclass) not null,
  user_id text not null,
  actor_id text not null,
  direction text not null,
  stanza_id text,
  object_id text not null,
  created_at timestamp with time zone default now() not null,
  deleted_at timestamp with time zone,
  parts smallint[] default '{0}'::smallint[] not null,
  published_at timestamp with time zone,
  version_at timestamp with time zone,
  text_digest bytea,
  reaction boolean default false not null,
  constraint contested_messages_object_id_user_id_actor_id_key UNIQUE (object_id, user_id, actor_id),
  constraint contested_messages_pkey PRIMARY KEY (id),
  constraint contested_messages_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
  constraint messages_direction_check CHECK ((direction = ANY (ARRAY['out'::text, 'in'::text])))
) inherits (messages);
CREATE INDEX contested_messages_created ON public.contested_messages USING btree (created_at);
CREATE INDEX contested_messages_stanza ON public.contested_messages USING btree (user_id, actor_id, stanza_id, id) WHERE (stanza_id IS NOT NULL);

create table deliveries (
  id bigint generated always as identity not null,
  activity_id text not null,
  sender text not null,
  inbox text not null,
  host text not null,
  lane text not null,
  body text,
  note_id text,
  report_to jsonb,
  state text default 'due'::text not null,
  head boolean default false not null,
  created_at timestamp with time zone default now() not null,
  due_at timestamp with time zone default now() not null,
  attempts integer default 0 not null,
  lease_until timestamp with time zone,
  last_status integer,
  last_error text,
  recipient text,
  tries integer default 0 not null,
  unanswered integer default 0 not null,
  patient boolean default false not null,
  review_at timestamp with time zone default (now() + '00:10:00'::interval) not null,
  old_key bigint,
  constraint deliveries_activity_id_inbox_key UNIQUE (activity_id, inbox),
  constraint deliveries_check CHECK (((state = 'failed'::text) OR (body IS NOT NULL))),
  constraint deliveries_check1 CHECK (((state = 'due'::text) OR (NOT head))),
  constraint deliveries_pkey PRIMARY KEY (id),
  constraint deliveries_state_check CHECK ((state = ANY (ARRAY['due'::text, 'failed'::text])))
);
CREATE INDEX deliveries_failed ON public.deliveries USING btree (created_at) WHERE (state = 'failed'::text);
CREATE UNIQUE INDEX deliveries_head ON public.deliveries USING btree (lane) WHERE head;
CREATE INDEX deliveries_host ON public.deliveries USING btree (host, due_at, id) WHERE head;
CREATE INDEX deliveries_lane ON public.deliveries USING btree (lane, id) WHERE (state = 'due'::text);
CREATE INDEX deliveries_note ON public.deliveries USING btree (note_id) WHERE ((note_id IS NOT NULL) AND (state = 'due'::text));
CREATE INDEX deliveries_old_key ON public.deliveries USING btree (sender, host, old_key) WHERE ((old_key IS NOT NULL) AND (state = 'due'::text));
CREATE INDEX deliveries_review ON public.deliveries USING btree (review_at) WHERE (state = 'due'::text);
CREATE TRIGGER deliveries_delete AFTER DELETE ON public.deliveries FOR EACH ROW WHEN (old.head) EXECUTE FUNCTION deliveries_leave();
CREATE TRIGGER deliveries_enter BEFORE INSERT ON public.deliveries FOR EACH ROW EXECUTE FUNCTION deliveries_enter();
CREATE TRIGGER deliveries_leave AFTER UPDATE OF head ON public.deliveries FOR EACH ROW WHEN ((old.head AND (NOT new.head))) EXECUTE FUNCTION deliveries_leave();

create table follows (
  user_id text not null,
  actor_id text not null,
  direction text not null,
  state text not null,
  follow_id text not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  to_ask boolean default false not null,
  constraint follows_direction_check CHECK ((direction = ANY (ARRAY['out'::text, 'in'::text]))),
  constraint follows_pkey PRIMARY KEY (user_id, actor_id, direction),
  constraint follows_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'accepted'::text]))),
  constraint follows_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
);
CREATE INDEX follows_actor ON public.follows USING btree (actor_id);
CREATE INDEX follows_follow_id ON public.follows USING btree (follow_id);
CREATE INDEX follows_to_ask ON public.follows USING btree (updated_at) WHERE to_ask;

create table gateway_subscribers (
  jid text not null,
  created_at timestamp with time zone default now() not null,
  constraint gateway_subscribers_pkey PRIMARY KEY (jid)
);

create table handles (
  handle text not null,
  actor_id text not null,
  checked_at timestamp with time zone default now() not null,
  constraint handles_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES remote_actors(id) ON DELETE CASCADE,
  constraint handles_pkey PRIMARY KEY (handle)
);

create table host_blocks (
  host text not null,
  reason text,
  created_at timestamp with time zone default now() not null,
  constraint host_blocks_pkey PRIMARY KEY (host)
);

create table host_schemes (
  host text not null,
  scheme text not null,
  learnt_at timestamp with time zone default now() not null,
  constraint host_schemes_pkey PRIMARY KEY (host),
  constraint host_schemes_scheme_check CHECK ((scheme = ANY (ARRAY['cavage'::text, 'rfc9421'::text])))
);
CREATE INDEX host_schemes_learnt ON public.host_schemes USING btree (learnt_at);

create table hosts (
  host text not null,
  recent_failures timestamp with time zone[] default '{}'::timestamp with time zone[] not null,
  openings integer default 0 not null,
  open_until timestamp with time zone,
  probe_until timestamp with time zone,
  failed_on date,
  failed_days integer default 0 not null,
  dead text,
  spoke_at timestamp with time zone,
  release boolean default false not null,
  updated_at timestamp with time zone default now() not null,
  constraint hosts_dead_check CHECK ((dead = ANY (ARRAY['silent'::text, 'gone'::text]))),
  constraint hosts_pkey PRIMARY KEY (host)
);
CREATE INDEX hosts_release ON public.hosts USING btree (host) WHERE release;
CREATE INDEX hosts_updated ON public.hosts USING btree (updated_at);

create table inbox (
  id bigint generated always as identity not null,
  activity_id text not null,
  actor_id text not null,
  body text,
  received_at timestamp with time zone default now() not null,
  head boolean default false not null,
  due_at timestamp with time zone default now() not null,
  attempts integer default 0 not null,
  lease_until timestamp with time zone,
  done_at timestamp with time zone,
  last_error text,
  constraint inbox_activity_id_actor_id_key UNIQUE (activity_id, actor_id),
  constraint inbox_check CHECK (((done_at IS NOT NULL) OR (body IS NOT NULL))),
  constraint inbox_check1 CHECK (((done_at IS NULL) OR (NOT head))),
  constraint inbox_pkey PRIMARY KEY (id)
);
CREATE INDEX inbox_done ON public.inbox USING btree (done_at) WHERE (done_at IS NOT NULL);
CREATE INDEX inbox_due ON public.inbox USING btree (due_at, id) WHERE head;
CREATE UNIQUE INDEX inbox_head ON public.inbox USING btree (actor_id) WHERE head;
CREATE INDEX inbox_lane ON public.inbox USING btree (actor_id, id) WHERE (done_at IS NULL);
CREATE TRIGGER inbox_delete AFTER DELETE ON public.inbox FOR EACH ROW WHEN (old.head) EXECUTE FUNCTION inbox_leave();
CREATE TRIGGER inbox_enter BEFORE INSERT ON public.inbox FOR EACH ROW EXECUTE FUNCTION inbox_enter();
CREATE TRIGGER inbox_leave AFTER UPDATE OF head ON public.inbox FOR EACH ROW WHEN ((old.head AND (NOT new.head))) EXECUTE FUNCTION inbox_leave();

create table messages (
  id bigint generated always as identity not null,
  user_id text not null,
  actor_id text not null,
  direction text not null,
  stanza_id text,
  object_id text not null,
  created_at timestamp with time zone default now() not null,
  deleted_at timestamp with time zone,
  parts smallint[] default '{0}'::smallint[] not null,
  published_at timestamp with time zone,
  version_at timestamp with time zone,
  text_digest bytea,
  reaction boolean default false not null,
  constraint messages_direction_check CHECK ((direction = ANY (ARRAY['out'::text, 'in'::text]))),
  constraint messages_object_id_user_id_key UNIQUE (object_id, user_id),
  constraint messages_pkey PRIMARY KEY (id),
  constraint messages_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
);
CREATE INDEX messages_created ON public.messages USING btree (created_at);
CREATE INDEX messages_digests ON public.messages USING btree (created_at) WHERE (text_digest IS NOT NULL);
CREATE INDEX messages_stanza ON public.messages USING btree (user_id, actor_id, stanza_id, id) WHERE (stanza_id IS NOT NULL);

create table notes (
  id text not null,
  user_id text not null,
  audience text[] not null,
  note jsonb,
  created_at timestamp with time zone default now() not null,
  completed_at timestamp with time zone,
  deleted_at timestamp with time zone,
  constraint notes_pkey PRIMARY KEY (id),
  constraint notes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
);
CREATE INDEX notes_over ON public.notes USING btree (created_at) WHERE (note IS NULL);
CREATE INDEX notes_to_purge ON public.notes USING btree (completed_at) WHERE (note IS NOT NULL);

create table own_pictures (
  user_id text not null,
  name text not null,
  bytes bytea not null,
  constraint own_pictures_name_key UNIQUE (name),
  constraint own_pictures_pkey PRIMARY KEY (user_id),
  constraint own_pictures_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

create table pictures (
  url text not null,
  sha1 text,
  bytes bytea,
  fetched_at timestamp with time zone default now() not null,
  constraint pictures_check CHECK (((sha1 IS NULL) = (bytes IS NULL))),
  constraint pictures_pkey PRIMARY KEY (url),
  constraint pictures_url_check CHECK ((length(url) <= 1024))
);
CREATE INDEX pictures_fetched_at ON public.pictures USING btree (fetched_at);

create table reached (
  user_id text not null,
  inbox text not null,
  constraint reached_pkey PRIMARY KEY (user_id, inbox),
  constraint reached_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
);

create table received_stanzas (
  position bigint generated always as identity not null,
  id text not null,
  received_at timestamp with time zone default now() not null,
  terms integer default 0 not null,
  stanza jsonb not null,
  constraint received_stanzas_id_key UNIQUE (id),
  constraint received_stanzas_pkey PRIMARY KEY ("position")
);

create table registration_requests (
  jid text not null,
  asked_at timestamp with time zone default now() not null,
  constraint registration_requests_pkey PRIMARY KEY (jid)
);

create table remote_actors (
  id text not null,
  handle_user text not null,
  handle_host text not null,
  profile jsonb not null,
  fetched_at timestamp with time zone default now() not null,
  gone_at timestamp with time zone,
  moved_at timestamp with time zone,
  blocks_gateway_at timestamp with time zone,
  constraint remote_actors_pkey PRIMARY KEY (id)
);
CREATE INDEX remote_actors_handle ON public.remote_actors USING btree (handle_user, handle_host);

create table remote_keys (
  id text not null,
  owner text not null,
  pem text,
  fetched_at timestamp with time zone default now() not null,
  constraint remote_keys_owner_fkey FOREIGN KEY (owner) REFERENCES remote_actors(id) ON DELETE CASCADE,
  constraint remote_keys_pkey PRIMARY KEY (id)
);
CREATE INDEX remote_keys_owner ON public.remote_keys USING btree (owner);

create table seen_stanzas (
  digest bytea not null,
  seen_at timestamp with time zone default now() not null,
  constraint seen_stanzas_pkey PRIMARY KEY (digest)
);
CREATE INDEX seen_stanzas_at ON public.seen_stanzas USING btree (seen_at);

create table stanzas (
  id bigint generated always as identity not null,
  recipient text not null,
  stanza jsonb,
  created_at timestamp with time zone default now() not null,
  head boolean default false not null,
  attempts integer default 0 not null,
  lease_until timestamp with time zone,
  state text default 'due'::text not null,
  last_error text,
  due_at timestamp with time zone,
  sent_at timestamp with time zone,
  bounces smallint default 0 not null,
  constraint stanzas_check CHECK (((state = 'failed'::text) OR (stanza IS NOT NULL))),
  constraint stanzas_check1 CHECK (((state = 'due'::text) OR (NOT head))),
  constraint stanzas_pkey PRIMARY KEY (id),
  constraint stanzas_state_check CHECK ((state = ANY (ARRAY['due'::text, 'waiting'::text, 'sent'::text, 'failed'::text]))),
  constraint stanzas_waiting_check CHECK (((state = 'waiting'::text) = (due_at IS NOT NULL)))
);
CREATE INDEX stanzas_bounce ON public.stanzas USING btree (recipient, ((stanza ->> 'id'::text))) WHERE (stanza IS NOT NULL);
CREATE INDEX stanzas_due ON public.stanzas USING btree (id) WHERE head;
CREATE INDEX stanzas_failed ON public.stanzas USING btree (created_at) WHERE (state = 'failed'::text);
CREATE UNIQUE INDEX stanzas_head ON public.stanzas USING btree (recipient) WHERE head;
CREATE INDEX stanzas_lane ON public.stanzas USING btree (recipient, id) WHERE (state = 'due'::text);
CREATE INDEX stanzas_sent ON public.stanzas USING btree (sent_at) WHERE (state = 'sent'::text);
CREATE INDEX stanzas_waiting ON public.stanzas USING btree (recipient, ((stanza ->> 'from'::text)), due_at) WHERE (state = 'waiting'::text);
CREATE INDEX stanzas_waiting_due ON public.stanzas USING btree (due_at) WHERE (state = 'waiting'::text);
CREATE TRIGGER stanzas_delete AFTER DELETE ON public.stanzas FOR EACH ROW WHEN (old.head) EXECUTE FUNCTION stanzas_leave();
CREATE TRIGGER stanzas_enter BEFORE INSERT ON public.stanzas FOR EACH ROW EXECUTE FUNCTION stanzas_enter();
CREATE TRIGGER stanzas_leave AFTER UPDATE OF head ON public.stanzas FOR EACH ROW WHEN ((old.head AND (NOT new.head))) EXECUTE FUNCTION stanzas_leave();

create table tombstones (
  object_id text not null,
  actor_id text not null,
  created_at timestamp with time zone default now() not null,
  was_known boolean default false not null,
  constraint tombstones_pkey PRIMARY KEY (object_id, actor_id)
);
CREATE INDEX tombstones_created ON public.tombstones USING btree (created_at);

create table users (
  id text not null,
  jid text not null,
  name text not null,
  display_name text,
  state text default 'active'::text not null,
  created_at timestamp with time zone default now() not null,
  left_at timestamp with time zone,
  bio text,
  shows_jid boolean default false not null,
  picture text,
  links text[] default '{}'::text[] not null,
  constraint users_pkey PRIMARY KEY (id),
  constraint users_state_check CHECK ((state = ANY (ARRAY['active'::text, 'left'::text])))
);
CREATE UNIQUE INDEX users_jid_active ON public.users USING btree (jid) WHERE (state = 'active'::text);
CREATE INDEX users_name ON public.users USING btree (name);
CREATE UNIQUE INDEX users_name_active ON public.users USING btree (name) WHERE (state = 'active'::text);

CREATE OR REPLACE FUNCTION public.deliveries_enter()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_advisory_xact_lock(hashtextextended(new.lane, 2));
  new.head := not exists (select from deliveries where lane = new.lane and head);
  return new;
end $function$;

CREATE OR REPLACE FUNCTION public.deliveries_leave()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_advisory_xact_lock(hashtextextended(old.lane, 2));
  update deliveries set head = true
  where id = (select id from deliveries where lane = old.lane and state = 'due' order by id limit 1 for update);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.inbox_enter()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_advisory_xact_lock(hashtextextended(new.actor_id, 1));
  new.head := not exists (select from inbox where actor_id = new.actor_id and head);
  return new;
end $function$;

CREATE OR REPLACE FUNCTION public.inbox_leave()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_advisory_xact_lock(hashtextextended(old.actor_id, 1));
  update inbox set head = true
  where id = (select id from inbox where actor_id = old.actor_id and done_at is null order by id limit 1 for update);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.stanzas_enter()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_advisory_xact_lock(hashtextextended(new.recipient, 3));
  new.due_at := (select max(due_at) from stanzas
    where state = 'waiting' and recipient = new.recipient and stanza ->> 'from' = new.stanza ->> 'from');
  if new.due_at is not null then
    new.state := 'waiting';
  else
    new.head := not exists (select from stanzas where recipient = new.recipient and head);
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION public.stanzas_leave()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_advisory_xact_lock(hashtextextended(old.recipient, 3));
  update stanzas set head = true
  where id = (
    select id from stanzas where recipient = old.recipient and state = 'due' order by id limit 1 for update);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.stanzas_readmit(at_most integer)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
declare
  conversation record;
  count integer := 0;
begin
  for conversation in
    select recipient, stanza ->> 'from' as sender from stanzas
    where state = 'waiting' and due_at <= now() group by 1, 2 order by 1, 2 limit at_most
  loop
    perform from stanzas
    where recipient = conversation.recipient and state = 'waiting' order by id for update;
    perform pg_advisory_xact_lock(hashtextextended(conversation.recipient, 3));
    update stanzas set state = 'due', due_at = null
    where recipient = conversation.recipient and state = 'waiting' and stanza ->> 'from' = conversation.sender;
    if not exists (select from stanzas where recipient = conversation.recipient and head) then
      update stanzas set head = true
      where id = (
        select id from stanzas where recipient = conversation.recipient and state = 'due'
        order by id limit 1 for update);
    end if;
    count := count + 1;
  end loop;
  return count;
end $function$;
