-- Pictures that users show of themselves in the Fediverse, made small, under a name that nobody can guess: the actor's
-- document and `users.picture` say it. An older process shows none.
alter table users add column picture text;
create table own_pictures (
  user_id text primary key references users (id) on delete cascade,
  name text not null unique,
  bytes bytea not null
);
