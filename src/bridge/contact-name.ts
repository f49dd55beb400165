import type { RemoteActor } from './actor.ts';
import { renderHandle } from './address.ts';
import { cleanLine, countCodePoints, sliceCodePoints } from './text.ts';

/** In code points: with a longer one the handle behind it would be out of sight in a roster. */
const MAX_NAME = 40;

/** After compatibility forms are resolved: a full-width `@` is one as well. */
const LOOKS_LIKE_ADDRESS = /[@%]\p{L}|[\p{L}\p{N}][@%]|:\/\/|\p{L}:\p{L}/u;

/**
 * What a roster shows of somebody: the name that people chose, and behind it their handle, which nobody can choose
 * freely. A name that could be read as an address, another's perhaps, is left out; so is all that would turn the
 * direction of writing, break the line or take no room. For XEP-0172, vCards and whatever else names a contact.
 */
export const contactName = ({ name, handle }: Pick<RemoteActor, 'name' | 'handle'>): string => {
  const text = renderHandle(handle);
  const shown = displayName(name);
  return shown === undefined ? text : `${shown} (${text})`;
};

/** The chosen name alone, cleaned, at most 40 code points; undefined where there is none that can be shown. */
export const displayName = (name: string | undefined): string | undefined => {
  const line = cleanLine(name ?? '');
  if (line === '' || LOOKS_LIKE_ADDRESS.test(line.normalize('NFKC'))) return undefined;
  return countCodePoints(line) <= MAX_NAME ? line : `${sliceCodePoints(line, 0, MAX_NAME - 1).trimEnd()}…`;
};
