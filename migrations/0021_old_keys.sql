-- The news of a new key is signed with the one before it, `old_key`, which other servers may still know: the row of
-- actor_keys stays, retired, until that news has ended. An older process, which goes on beside it, signs as ever.
alter table deliveries add column old_key bigint;
create index deliveries_old_key on deliveries (sender, host, old_key)
  where old_key is not null and state = 'due';
