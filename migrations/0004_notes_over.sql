-- Notes whose body is gone, to be forgotten with the map of ids.
create index notes_over on notes (created_at) where note is null;
