-- Contacts whose name, profile or picture changed: their subscribers are to see it. A row goes when that begins; what is
-- left undone by a crash is made good when everybody is told at the next start. An older process writes and reads none.
create table changed_contacts (
  actor_id text primary key references remote_actors (id) on delete cascade,
  changed_at timestamptz not null default now()
);
