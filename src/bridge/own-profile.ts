import type { LocalActor } from './actor.ts';
import { cleanLine, cleanText, countCodePoints, sliceCodePoints } from './text.ts';

/** In code points; what Mastodon lets people write about themselves. */
const MAX_BIO = 500;
const MAX_NAME = 50;

/** What a user may show of themselves in the Fediverse. */
export type OwnProfile = {
  readonly displayName: string | undefined;
  /** As it was typed, not HTML. */
  readonly bio: string | undefined;
  readonly showsJid: boolean;
  /** URIs: a homepage, a telephone. */
  readonly links: readonly string[];
  /** The name of a picture that is kept. */
  readonly picture: string | undefined;
};

/** Somebody with nothing but the name by which they are found: for whom may not know more. */
export const withoutProfile = ({ id, jid, name, state, createdAt }: LocalActor): LocalActor => ({
  id,
  jid,
  name,
  displayName: undefined,
  state,
  createdAt,
});

/** What a user's own card says, as far as it can be shown; `photo` are bytes of whatever kind. */
export type OwnCard = {
  readonly name: string | undefined;
  readonly bio: string | undefined;
  readonly photo: Uint8Array | undefined;
};

/** What Mastodon shows at most. */
export const MAX_LINKS = 4;
const MAX_LINK = 200;

/** What may be shown, and the name of its row in the profile. */
export const LINK_SCHEMES: ReadonlyMap<string, string> = new Map([
  ['https:', 'Website'],
  ['mailto:', 'Mail'],
  ['sip:', 'SIP'],
  ['sips:', 'SIP'],
  ['tel:', 'Phone'],
]);

/** An address as somebody typed it: a URI, or a web address without `https://`. Undefined for what may not be shown. */
export const parseOwnLink = (typed: string): string | undefined => {
  const text = typed.trim();
  if (text.length > MAX_LINK || /[\s\p{Cc}<>"'\\]/u.test(text)) return undefined;
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:/iu.test(text) ? text : `https://${text}`);
  if (url === null || !LINK_SCHEMES.has(url.protocol) || url.password !== '') return undefined;
  if (url.protocol === 'https:' && (url.username !== '' || !url.hostname.includes('.'))) return undefined;
  return url.pathname === '' ? undefined : url.href;
};

/** A name as somebody typed it, on one line; undefined where nothing can be read, or it is too long. */
export const parseOwnName = (typed: string): string | undefined => within(cleanLine(typed).trim(), MAX_NAME);

/** A bio as somebody typed it; undefined where nothing can be read, or it is too long. */
export const parseOwnBio = (typed: string): string | undefined => within(cleanText(typed).trim(), MAX_BIO);

/** A bio as a card has it: what is too long is cut, since nobody is there who could write it shorter. */
export const cutBio = (text: string): string | undefined => {
  const clean = cleanText(text).trim();
  const isLong = countCodePoints(clean) > MAX_BIO;
  return parseOwnBio(isLong ? `${sliceCodePoints(clean, 0, MAX_BIO - 1)}…` : clean);
};

const within = (text: string, most: number): string | undefined =>
  text === '' || countCodePoints(text) > most ? undefined : text;
