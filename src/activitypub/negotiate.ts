import { ACTIVITY_JSON, isActivityType, LD_JSON, parseMediaType, splitOutsideQuotes } from './media-type.ts';

/**
 * Which of two documents a reader wants, and which bodies are activities. Header values are short (Node
 * limits all headers to 16 KiB) and are read by splitting, in linear time.
 */

/**
 * True when the reader names one of the two types of an ActivityPub document (ActivityPub 3.2), with any
 * profile or none; a type with `q=0` is one that it does not want (RFC 9110 12.4.2). Wildcards mean a person.
 */
export const wantsActivity = (accept: string | undefined): boolean =>
  accept !== undefined &&
  splitOutsideQuotes(accept, ',')
    .map(parseMediaType)
    .some(
      ({ type, parameters }) =>
        (type === ACTIVITY_JSON || type === LD_JSON) && Number(parameters.get('q') ?? '1') > 0,
    );

/**
 * True for the body types that an inbox takes (ActivityPub 7): plain `application/json`, or `ld+json` without
 * the ActivityStreams profile, is refused as it is by GoToSocial. No server is known that sends either.
 */
export const isInboxType = (contentType: string | undefined): boolean => {
  if (contentType === undefined) return false;
  const charset = parseMediaType(contentType).parameters.get('charset') ?? 'utf-8';
  return charset.toLowerCase() === 'utf-8' && isActivityType(contentType);
};
