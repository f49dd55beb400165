-- Changes and deletions of what people wrote, and stanzas that come back. Everything is added: an older
-- process goes on beside it (it deletes the stanzas that were taken, as it always did).

-- What its owner took back, kept so that what was taken back and arrives later is not shown: a note that was
-- deleted, a Follow or Block that was undone. Of an owner, because anybody can claim to delete anything.
create table tombstones (
  object_id text not null,
  actor_id text not null,
  created_at timestamptz not null default now(),
  primary key (object_id, actor_id)
);
create index tombstones_created on tombstones (created_at);

-- All that an actor follows, and all who follow it: ended together when the actor is no more.
create index follows_actor on follows (actor_id);

-- What was shown of an object. `parts`: 0 is its text, 1 and on are its files; each was one stanza.
-- `version_at` is the object's own `updated`, `text_digest` a hash of the text: goes when bodies go.
alter table messages
  add column parts smallint[] not null default '{0}',
  add column published_at timestamptz,
  add column version_at timestamptz,
  add column text_digest bytea;
create index messages_digests on messages (created_at) where text_digest is not null;

-- 'sent': the server took it; its text is kept a while, in case it comes back. 'waiting': it came back and
-- goes again at `due_at`; with it waits what belongs to the same conversation, and nothing else.
alter table stanzas
  add column due_at timestamptz,
  add column sent_at timestamptz,
  add column bounces smallint not null default 0,
  drop constraint stanzas_state_check,
  add constraint stanzas_state_check check (state in ('due', 'waiting', 'sent', 'failed')),
  add constraint stanzas_waiting_check check ((state = 'waiting') = (due_at is not null));
create index stanzas_bounce on stanzas (recipient, (stanza ->> 'id')) where stanza is not null;
create index stanzas_waiting on stanzas (recipient, (stanza ->> 'from'), due_at) where state = 'waiting';
create index stanzas_waiting_due on stanzas (due_at) where state = 'waiting';
create index stanzas_sent on stanzas (sent_at) where state = 'sent';
create index stanzas_failed on stanzas (created_at) where state = 'failed';

-- A stanza does not overtake those of its conversation that wait to go again.
create or replace function stanzas_enter() returns trigger language plpgsql as $$
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
end $$;

-- Lets stanzas whose time has come back into their lanes, conversation by conversation, each with all that
-- waits behind it. They keep their ids, so they are older than all that came meanwhile. Rows are locked before
-- the lane, as everywhere. Returns how many conversations went on.
create function stanzas_readmit(at_most integer) returns integer language plpgsql as $$
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
    update stanzas set head = true
    where id = (select min(id) from stanzas where recipient = conversation.recipient and state = 'due')
      and not exists (select from stanzas where recipient = conversation.recipient and head);
    count := count + 1;
  end loop;
  return count;
end $$;
