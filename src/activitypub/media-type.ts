const AS_PROFILE = 'https://www.w3.org/ns/activitystreams';

/** What we ask for when we want an ActivityPub document (ActivityPub 3.2). */
export const ACCEPT_ACTIVITY = `application/activity+json, application/ld+json; profile="${AS_PROFILE}"`;
export const ACTIVITY_JSON = 'application/activity+json';
export const JRD_JSON = 'application/jrd+json';

const unquote = (text: string): string =>
  text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;

/** Type and parameters of a Content-Type (RFC 9110 8.3.1). Split plainly: a `;` in quotes ends the value. */
const splitMediaType = (header: string): { type: string; parameters: ReadonlyMap<string, string> } => {
  const [type = '', ...rest] = header.slice(0, 512).split(';');
  const parameters = rest.map((each): [string, string] => {
    const [name = '', ...value] = each.split('=');
    return [name.trim().toLowerCase(), unquote(value.join('=').trim())];
  });
  return { type: type.trim().toLowerCase(), parameters: new Map(parameters) };
};

/**
 * Whether a document of this Content-Type may speak as ActivityPub: anything else could be a file that a user
 * uploaded to the host.
 */
export const isActivityType = (header: string): boolean => {
  const { type, parameters } = splitMediaType(header);
  if (type === ACTIVITY_JSON) return true;
  return type === 'application/ld+json' && (parameters.get('profile') ?? '').split(' ').includes(AS_PROFILE);
};

/** Plain JSON or a JRD (RFC 7033 10.2): for WebFinger and NodeInfo. */
export const isPlainJsonType = (header: string): boolean => {
  const { type } = splitMediaType(header);
  return type === JRD_JSON || type === 'application/json';
};
