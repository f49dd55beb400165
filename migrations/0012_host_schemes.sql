-- How a host that refused one way of signing wants to be signed for; one without a row takes draft-cavage. A row is
-- believed for a day. An older process neither reads nor writes it.
create table host_schemes (
  host text primary key,
  scheme text not null check (scheme in ('cavage', 'rfc9421')),
  learnt_at timestamptz not null default now()
);
create index host_schemes_learnt on host_schemes (learnt_at);
