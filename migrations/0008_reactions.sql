-- A line that tells of a like, a reaction or a boost is kept as a note is, so that its Undo takes it back; it is no
-- message of the conversation, and nothing answers it. An older process writes none.
alter table messages add column reaction boolean not null default false;
