-- Who comes next in a lane is looked up anew once its row is held: another transaction that ends that row at
-- the same moment (a stanza that is taken, a delivery that is called off) made it a head all the same, against a
-- constraint, or left the lane without a head. An older process goes on beside it.
create or replace function deliveries_leave() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(old.lane, 2));
  update deliveries set head = true
  where id = (select id from deliveries where lane = old.lane and state = 'due' order by id limit 1 for update);
  return null;
end $$;

create or replace function inbox_leave() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(old.actor_id, 1));
  update inbox set head = true
  where id = (select id from inbox where actor_id = old.actor_id and done_at is null order by id limit 1 for update);
  return null;
end $$;

create or replace function stanzas_leave() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(old.recipient, 3));
  update stanzas set head = true
  where id = (
    select id from stanzas where recipient = old.recipient and state = 'due' order by id limit 1 for update);
  return null;
end $$;

create or replace function stanzas_readmit(at_most integer) returns integer language plpgsql as $$
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
end $$;
