import type { OutgoingNote } from '../bridge/activity.ts';
import type { Db } from './database.ts';
import { storableJson } from './plain.ts';
import { purgeInBatches } from './purge.ts';

/** A note of ours. Without `note`: 410 when it was deleted, else 404. */
export type StoredNote = {
  readonly id: string;
  readonly userId: string;
  /** The URIs of all who may fetch it. */
  readonly audience: readonly string[];
  readonly note: OutgoingNote | undefined;
  /** When its last delivery was over. */
  readonly completedAt: Date | undefined;
  readonly deletedAt: Date | undefined;
};

type Row = {
  id: string;
  user_id: string;
  audience: string[];
  note: OutgoingNote | null;
  completed_at: Date | null;
  deleted_at: Date | null;
};

/** Keeps a note; false when one of this id is there already. */
export const insertNote = async (
  db: Db,
  row: {
    readonly id: string;
    readonly userId: string;
    readonly audience: readonly string[];
    readonly note: OutgoingNote;
  },
): Promise<boolean> => {
  const { rowCount } = await db.query(
    'insert into notes (id, user_id, audience, note) values ($1, $2, $3, $4) on conflict (id) do nothing',
    [row.id, row.userId, row.audience, storableJson(row.note)],
  );
  return rowCount === 1;
};

export const findNote = async (db: Db, id: string): Promise<StoredNote | undefined> => {
  const { rows } = await db.query<Row>(
    'select id, user_id, audience, note, completed_at, deleted_at from notes where id = $1',
    [id],
  );
  const row = rows[0];
  return (
    row && {
      id: row.id,
      userId: row.user_id,
      audience: row.audience,
      note: row.note === null ? undefined : readNote(row.note),
      completedAt: row.completed_at ?? undefined,
      deletedAt: row.deleted_at ?? undefined,
    }
  );
};

/** JSON dropped the members that were undefined. */
const readNote = (note: OutgoingNote): OutgoingNote => ({
  ...note,
  language: note.language,
  inReplyTo: note.inReplyTo,
});

/**
 * Marks a note whose last delivery is over; does nothing while another is on its way. Call it in the
 * transaction that ended a delivery, after it. True when this call completed the note.
 */
export const completeNote = async (db: Db, id: string): Promise<boolean> => {
  // Two deliveries that end at once would each still see the other's row: the second waits here, and its
  // next statement sees what the first committed.
  await db.query('select from notes where id = $1 for update', [id]);
  const { rowCount } = await db.query(
    `update notes set completed_at = now() where id = $1 and completed_at is null
       and not exists (select from deliveries where note_id = $1 and state = 'due')`,
    [id],
  );
  return rowCount === 1;
};

/** Deletes the body of one note now; for a grace time of nought. */
export const dropNoteBody = async (db: Db, id: string): Promise<void> => {
  await db.query('update notes set note = null where id = $1', [id]);
};

/** Deletes the bodies of all notes completed before then; returns how many. */
export const purgeNoteBodies = (db: Db, completedBefore: Date): Promise<number> =>
  purgeInBatches(
    db,
    `update notes set note = null where id = any (array(
       select id from notes where note is not null and completed_at < $1 limit $2))`,
    completedBefore,
  );

/**
 * Forgets notes made before then whose body is gone: who wrote to whom goes with the map of ids, and the URL
 * answers 404 as for one that never was. Returns how many.
 */
export const purgeNotes = (db: Db, before: Date): Promise<number> =>
  purgeInBatches(
    db,
    `delete from notes where id = any (array(
       select id from notes where note is null and created_at < $1 limit $2))`,
    before,
  );

/** Deletes a note for good: its URL answers 410. False when it is unknown or was deleted before. */
export const deleteNote = async (db: Db, id: string): Promise<boolean> => {
  const { rowCount } = await db.query(
    'update notes set note = null, deleted_at = now() where id = $1 and deleted_at is null',
    [id],
  );
  return rowCount === 1;
};

/** Deletes all notes of a user who left: their URLs answer 410. */
export const deleteNotesOfUser = async (db: Db, userId: string): Promise<void> => {
  await db.query(
    'update notes set note = null, deleted_at = now() where user_id = $1 and deleted_at is null',
    [userId],
  );
};
