-- Whose rosters hold the gateway itself, bare JIDs: they are told when it comes and goes. An older process writes none;
-- its subscribers are found when their servers ask for the presence of the gateway.
create table gateway_subscribers (
  jid text primary key,
  created_at timestamptz not null default now()
);
