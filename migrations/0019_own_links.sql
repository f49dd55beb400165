-- Addresses that a user shows in the profile, as URIs: none unless they say so. An older process shows none.
alter table users add column links text[] not null default '{}';
