import { isPublic, type Note } from './activity.ts';

export type Visibility = 'public' | 'unlisted' | 'followers' | 'direct';

/**
 * Who can see a note, read from its addressing as Mastodon does: Public in `to` or in `cc`, the author's
 * followers, or nobody but those addressed. Where the followers collection is not known, a recipient whose
 * path ends in `/followers` is taken for it.
 */
export const visibilityOf = (note: Pick<Note, 'to' | 'cc'>, followersUrl?: string): Visibility => {
  if (note.to.some(isPublic)) return 'public';
  if (note.cc.some(isPublic)) return 'unlisted';
  const isFollowers = (uri: string): boolean =>
    followersUrl === undefined ? uri.endsWith('/followers') : uri === followersUrl;
  return [...note.to, ...note.cc].some(isFollowers) ? 'followers' : 'direct';
};
