-- Two actors may use one id: the ids of another's notes can be guessed, and who comes first must not hide what the
-- other shows. Who comes first has a row in messages, whose unique (object_id, user_id) stays, because an older process
-- says "on conflict" about it. Who comes second has a row here. As this table inherits, all that reads, changes or
-- forgets messages finds both, in an older process as well; that one does not show what comes second, as ever, and
-- writes the version of an edit with both.
create table contested_messages (
  primary key (id),
  foreign key (user_id) references users (id),
  unique (object_id, user_id, actor_id)
) inherits (messages);
alter table contested_messages alter column id set default nextval('messages_id_seq');
create index contested_messages_stanza on contested_messages (user_id, actor_id, stanza_id, id)
  where stanza_id is not null;
create index contested_messages_created on contested_messages (created_at);
