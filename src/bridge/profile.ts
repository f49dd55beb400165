import type { RemoteActor } from './actor.ts';
import { renderHandle } from './address.ts';
import { contactName } from './contact-name.ts';
import { htmlToText } from './html-to-text.ts';
import { cleanLine, cleanText, truncateText } from './text.ts';

/** What a contact's card says, whatever the format. Plain text, cleaned and bounded. */
export type Profile = {
  /** With the handle in it, which nobody can choose freely. */
  readonly fullName: string;
  readonly nickname: string;
  /** `@user@host`. */
  readonly handle: string;
  /** Lines of text; empty where the person says nothing. */
  readonly about: string;
  readonly url: string | undefined;
  readonly jid: string;
};

/** In bytes of UTF-8: together far below what fits into one stanza, beside a picture. */
const MAX_ABOUT = 8_192;
const MAX_FIELD = 512;
const MAX_URL = 1_024;

/** Pure. `jid` is the contact's canonical bare JID. */
export const actorToProfile = (
  actor: Pick<RemoteActor, 'name' | 'handle' | 'summary' | 'url' | 'preferredUsername' | 'fields'>,
  jid: string,
): Profile => ({
  fullName: contactName(actor),
  // Some clients show it in the place of the full name.
  nickname: contactName(actor),
  handle: renderHandle(actor.handle),
  about: truncateText(
    [htmlToText(actor.summary ?? ''), (actor.fields ?? []).map(fieldToLine).join('\n')]
      .map((part) => cleanText(part).trim())
      .filter((part) => part !== '')
      .join('\n\n'),
    MAX_ABOUT,
  ),
  url: actor.url !== undefined && actor.url.length <= MAX_URL ? actor.url : undefined,
  jid,
});

const fieldToLine = ({ name, value }: NonNullable<RemoteActor['fields']>[number]): string => {
  const line = (text: string): string => truncateText(cleanLine(text), MAX_FIELD);
  return `${line(name)}: ${line(htmlToText(value))}`;
};
