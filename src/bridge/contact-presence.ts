import type { RemoteActor } from './actor.ts';
import { contactName } from './contact-name.ts';
import { htmlToText } from './html-to-text.ts';
import type { ContactPresence, OutgoingStanza, Photo } from './stanza.ts';
import { cleanLine, countCodePoints, sliceCodePoints } from './text.ts';

/** In code points: a roster has one line for it. */
const MAX_STATUS = 140;

/** So much HTML of a profile is read for one line. */
const MAX_SUMMARY = 4_000;

/**
 * What a subscriber's roster shows of a contact: its name with its handle behind it, the profile's text as one line,
 * and the hash of its picture. Pure; nothing of it comes from anything but the public profile.
 * @param photoHash SHA-1 in hex of the picture that the contact's vCard holds; undefined where none is known (yet)
 */
export const contactPresence = (
  actor: Pick<RemoteActor, 'name' | 'handle' | 'summary' | 'icon'>,
  photoHash: string | undefined,
): ContactPresence => {
  const status = statusOf(actor.summary);
  const photo = photoHash ?? (actor.icon === undefined ? '' : undefined);
  return {
    nick: contactName(actor),
    ...(status === '' ? {} : { status }),
    ...(photo === undefined ? {} : { photo }),
  };
};

/**
 * All that a subscriber is sent of a contact that is there: its presence, and its name and picture once more as events
 * of the nodes that some clients read them from (COMPAT Gajim shows no nick of a presence in its roster).
 */
export const contactStanzas = (
  actor: Parameters<typeof contactPresence>[0],
  way: { readonly from: string; readonly to: string },
  photo: Photo | undefined,
): readonly OutgoingStanza[] => [
  { kind: 'presence', type: 'available', ...way, ...contactPresence(actor, photo?.sha1) },
  { kind: 'nick', ...way, nick: contactName(actor) },
  ...(photo === undefined ? [] : [{ kind: 'avatar', ...way, photo } as const]),
];

const statusOf = (summary: string | undefined): string => {
  if (summary === undefined) return '';
  const line = cleanLine(htmlToText(sliceCodePoints(summary, 0, MAX_SUMMARY)));
  return countCodePoints(line) <= MAX_STATUS
    ? line
    : `${sliceCodePoints(line, 0, MAX_STATUS - 1).trimEnd()}…`;
};
