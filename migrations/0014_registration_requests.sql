-- Who asked to use the gateway and waits for an administrator (`registration: request`). An older process neither
-- reads nor writes it.
create table registration_requests (
  jid text primary key,
  asked_at timestamptz not null default now()
);
