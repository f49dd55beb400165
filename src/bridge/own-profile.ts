import { cleanLine, cleanText, countCodePoints } from './text.ts';

/** In code points; what Mastodon lets people write about themselves. */
const MAX_BIO = 500;
const MAX_NAME = 50;

/** What a user may show of themselves in the Fediverse. */
export type OwnProfile = {
  readonly displayName: string | undefined;
  /** As it was typed, not HTML. */
  readonly bio: string | undefined;
  readonly showsJid: boolean;
};

/** A name as somebody typed it, on one line; undefined where nothing can be read, or it is too long. */
export const parseOwnName = (typed: string): string | undefined => within(cleanLine(typed).trim(), MAX_NAME);

/** A bio as somebody typed it; undefined where nothing can be read, or it is too long. */
export const parseOwnBio = (typed: string): string | undefined => within(cleanText(typed).trim(), MAX_BIO);

const within = (text: string, most: number): string | undefined =>
  text === '' || countCodePoints(text) > most ? undefined : text;
