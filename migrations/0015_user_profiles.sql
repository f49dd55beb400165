-- What a user wants shown of themselves in the Fediverse, beside `display_name`: nothing unless they say so. An older
-- process shows none of it.
alter table users add column bio text;
alter table users add column shows_jid boolean not null default false;
