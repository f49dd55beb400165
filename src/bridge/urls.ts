/**
 * Every URL that the gateway gives to the Fediverse, made in one place. `origin` is `public_url`
 * without a trailing slash. Ids are opaque (`[a-z0-9]+`): who gets a name that became free is another actor.
 */
export const urlsOf = (origin: string) => ({
  origin,
  /** The actor that signs our GETs and stands for the gateway itself (FEP-d556, FEP-2677). */
  instanceActor: `${origin}/actor`,
  sharedInbox: `${origin}/inbox`,
  actor: (userId: string) => `${origin}/u/${userId}`,
  inbox: (userId: string) => `${origin}/u/${userId}/inbox`,
  outbox: (userId: string) => `${origin}/u/${userId}/outbox`,
  followers: (userId: string) => `${origin}/u/${userId}/followers`,
  featured: (userId: string) => `${origin}/u/${userId}/featured`,
  following: (userId: string) => `${origin}/u/${userId}/following`,
  profile: (name: string) => `${origin}/@${name}`,
  note: (noteId: string) => `${origin}/n/${noteId}`,
  create: (noteId: string) => `${origin}/n/${noteId}/create`,
  /** A picture that a user shows of themselves. */
  picture: (name: string) => `${origin}/media/${name}.png`,
  conversation: (id: string) => `${origin}/c/${id}`,
  follow: (id: string) => `${origin}/f/${id}`,
  activity: (id: string) => `${origin}/a/${id}`,
});

/** Under which the store has the key and the deliveries of the instance actor, beside those of users. */
export const INSTANCE = 'instance';

export type Urls = ReturnType<typeof urlsOf>;

/** `…#main-key`: the fragment that every implementation knows how to strip. */
export const keyIdOf = (actorUrl: string): string => `${actorUrl}#main-key`;

/** The user id in the URL of one of our actors, or undefined when it is not one (fragment ignored). */
export const localUserId = (origin: string, uri: string): string | undefined => {
  const prefix = `${origin}/u/`;
  if (!uri.startsWith(prefix)) return undefined;
  const id = uri.slice(prefix.length).split('#', 1)[0] ?? '';
  return /^[a-z0-9]{1,40}$/u.test(id) ? id : undefined;
};

/** The note id in the URL of one of our notes, or undefined. */
export const localNoteId = (origin: string, uri: string): string | undefined => {
  const prefix = `${origin}/n/`;
  if (!uri.startsWith(prefix)) return undefined;
  const id = uri.slice(prefix.length);
  return /^[a-z0-9]{1,40}$/u.test(id) ? id : undefined;
};
