-- When an actor moved, for the time in which it may not move again, and since when it blocks the whole gateway. An older
-- process reads and writes neither.
alter table remote_actors add column moved_at timestamptz;
alter table remote_actors add column blocks_gateway_at timestamptz;
