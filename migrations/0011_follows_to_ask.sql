-- A request to follow of which the user's server has not been told yet: the holder of the stream tells of a few at a
-- time, while nothing else waits. An older process tells of each at once and sets none.
alter table follows add column to_ask boolean not null default false;
create index follows_to_ask on follows (updated_at) where to_ask;
