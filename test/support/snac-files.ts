import { createHash } from 'node:crypto';
import { watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A note as snac keeps it, its own and those it received alike. */
export type SnacNote = {
  readonly id: string;
  readonly type: string;
  readonly attributedTo: string;
  /** HTML. */
  readonly content: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly inReplyTo: string | undefined;
  /** The whole document. */
  readonly json: Readonly<Record<string, unknown>>;
};

/** snac gives new files away by a new directory entry; what it changes in place is found by looking again. */
const LOOK_AGAIN_MS = 250;

/** The notes of a user's private timeline, in no order of note. */
export async function readNotes(base: string, user: string): Promise<SnacNote[]> {
  const documents = await readDocuments(join(base, 'user', user, 'private'));
  return documents.map(documentToNote).filter((note) => note !== undefined);
}

/** Where snac keeps an object that it has met: the file is named by the MD5 of its id. */
export function objectFile(base: string, id: string): string {
  const digest = createHash('md5').update(id).digest('hex');
  return join(base, 'object', digest.slice(0, 2), `${digest}.json`);
}

/** The `name@host` of an actor that snac has met, as snac itself would show it; else undefined. */
export async function readHandle(base: string, actorId: string): Promise<string | undefined> {
  const actor = await readDocument(objectFile(base, actorId));
  const name = textOf(actor?.['preferredUsername']);
  return name === undefined ? undefined : `${name}@${new URL(actorId).host}`;
}

/** The name of an actor, as snac keeps it; undefined for who was never met. */
export async function readName(base: string, actorId: string): Promise<string | undefined> {
  return textOf((await readDocument(objectFile(base, actorId)))?.['name']);
}

/** The actor ids of those who follow a user. */
export async function readFollowers(base: string, user: string): Promise<string[]> {
  const documents = await readDocuments(join(base, 'user', user, 'followers'));
  return documents.map((document) => textOf(document['id']) ?? '');
}

/** The actor ids that a user follows, without those that have not accepted yet. */
export async function readFollowing(base: string, user: string): Promise<string[]> {
  const documents = await readDocuments(join(base, 'user', user, 'following'));
  // The Follow that was sent lies here until the Accept takes its place.
  return documents.filter((d) => d['type'] === 'Accept').map((d) => textOf(d['actor']) ?? '');
}

/** The actor ids that a user asked to follow, and that have not accepted. */
export async function readAsked(base: string, user: string): Promise<string[]> {
  const documents = await readDocuments(join(base, 'user', user, 'following'));
  return documents.filter((d) => d['type'] === 'Follow').map((d) => textOf(d['object']) ?? '');
}

/** Calls `look` now and at each change below a user's folder; the function returned ends that. */
export function watchUser(base: string, user: string, look: () => void): () => void {
  const folders = ['private', 'followers', 'following'].map((name) => join(base, 'user', user, name));
  const watchers = folders.map((folder) => watch(folder, look));
  const again = setInterval(look, LOOK_AGAIN_MS);
  look();
  return () => {
    clearInterval(again);
    for (const watcher of watchers) watcher.close();
  };
}

/**
 * Reads again at each change below a user's folder until `read` gives something.
 * Rejects after `timeoutMs` milliseconds with an error that says what was awaited.
 */
export async function readUntil<T>(
  base: string,
  user: string,
  read: () => Promise<T | undefined>,
  what: string,
  timeoutMs: number,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => reject(new Error(`no ${what} within ${timeoutMs} ms`)), timeoutMs);
  const stopWatching = watchUser(base, user, () => {
    read().then((found) => {
      if (found !== undefined) resolve(found);
    }, reject);
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    stopWatching();
  }
}

/** Calls `listener` once with each note of a user's timeline, those that are there first. */
export function listenForNotes(base: string, user: string, listener: (note: SnacNote) => void): () => void {
  const seen = new Set<string>();
  return watchUser(base, user, () => {
    readNotes(base, user).then(
      (notes) => {
        for (const note of notes) {
          if (seen.has(note.id)) continue;
          seen.add(note.id);
          listener(note);
        }
      },
      // The folder goes when its server is stopped; there is nothing to tell then.
      () => undefined,
    );
  });
}

async function readDocuments(folder: string): Promise<Record<string, unknown>[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const documents = await Promise.all(names.map((name) => readDocument(join(folder, name))));
  return documents.filter((document) => document !== undefined);
}

/** A file may go, or be half written, between the listing and the reading: then it is not there. */
async function readDocument(file: string): Promise<Record<string, unknown> | undefined> {
  try {
    const json: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof json === 'object' && json !== null ? Object.fromEntries(Object.entries(json)) : undefined;
  } catch {
    return undefined;
  }
}

function documentToNote(json: Record<string, unknown>): SnacNote | undefined {
  const id = textOf(json['id']);
  const attributedTo = textOf(json['attributedTo']);
  if (id === undefined || attributedTo === undefined) return undefined;
  return {
    id,
    type: textOf(json['type']) ?? '',
    attributedTo,
    content: textOf(json['content']) ?? '',
    to: textsOf(json['to']),
    cc: textsOf(json['cc']),
    inReplyTo: textOf(json['inReplyTo']),
    json,
  };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
