-- Whether what was taken back (a Follow, a Block) had arrived before: Misskey follows anew under the same id, which
-- an Undo that overtook its Follow must not prevent. An older process writes the default, and goes on as before.
alter table tombstones add column was_known boolean not null default false;
