import { done, malformed, type Parsed } from '../../bridge/outcome.ts';
import { headerValue, type SignedParts } from './cavage.ts';
import { type InnerList, renderInnerList } from './structured-field.ts';

/** Fields that say what the signature is cannot be part of what it says. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['signature', 'signature-input']);
const FIELD = /^[a-z0-9!#$%&'*+.^_`|~-]{1,128}$/u;

/** Derived components (RFC 9421 2.2) from the raw target and the origin under which the server is reached. */
const derive = ({ method, target }: SignedParts, origin: string, name: string): string | undefined => {
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  if (name === '@method') return method;
  if (name === '@target-uri') return `${origin}${target}`;
  if (name === '@authority') return URL.parse(origin)?.host;
  if (name === '@path') return path;
  if (name === '@query') return query === -1 ? '?' : target.slice(query);
  return name === '@request-target' ? target : undefined;
};

const valueOfComponent = (request: SignedParts, origin: string, name: string): string | undefined => {
  if (name.startsWith('@')) return derive(request, origin, name);
  return FIELD.test(name) && !OWN_FIELDS.has(name) ? headerValue(request, name) : undefined;
};

/**
 * The signature base (RFC 9421 2.5). `origin` is scheme and authority as the signer addressed them: for what comes
 * to us the configured public origin, never what a proxy or the sender says. Malformed where a component comes
 * twice, is missing, or is one that nobody here can build.
 */
export const messageBase = (request: SignedParts, origin: string, input: InnerList): Parsed<string> => {
  if (new Set(input.items).size !== input.items.length) return malformed('a component twice');
  if (!request.target.startsWith('/')) return malformed('a target that is no path');
  const lines: string[] = [];
  for (const name of input.items) {
    const value = valueOfComponent(request, origin, name);
    if (value === undefined) return malformed('a component that is missing or unknown');
    lines.push(`"${name}": ${value}`);
  }
  return done([...lines, `"@signature-params": ${renderInnerList(input)}`].join('\n'));
};
