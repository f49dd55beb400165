-- Where activities of a user went: when the user leaves, every server that was told anything is told that too, also
-- where relation and chat are over by then. One row for each inbox, the shared one where there is one. An older
-- process writes none; what it sends to is found by way of follows and chats.
create table reached (
  user_id text not null references users,
  inbox text not null,
  primary key (user_id, inbox)
);
