import type { FetchedJson, GetJson } from '../../../src/activitypub/types.ts';
import { done, type Outcome, type RefusalReason, refuse } from '../../../src/bridge/outcome.ts';

/** Documents by URL, or the refusal that a URL gets; `at` for one that redirects there. */
export type Documents = Record<string, unknown | RefusalReason>;

/** A stand-in for the network: it remembers which URLs were asked for. */
export const serveDocuments = (
  documents: Documents,
  redirects: Readonly<Record<string, string>> = {},
): { readonly getJson: GetJson; readonly asked: string[] } => {
  const asked: string[] = [];
  const getJson: GetJson = async (url): Promise<Outcome<FetchedJson>> => {
    asked.push(url);
    const final = redirects[url] ?? url;
    const json = documents[final];
    const host = URL.parse(url)?.host ?? '';
    if (json === undefined) return refuse('not-found', { host });
    return typeof json === 'string' ? refuse(json as RefusalReason, { host }) : done({ url: final, json });
  };
  return { getJson, asked };
};

/** The smallest actor that is one. */
export const actorDocument = (id: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  '@context': 'https://www.w3.org/ns/activitystreams',
  id,
  type: 'Person',
  preferredUsername: 'Alice',
  inbox: `${id}/inbox`,
  ...more,
});

export const fingerUrl = (handle: string, scheme = 'https'): string =>
  `${scheme}://${handle.split('@')[1]}/.well-known/webfinger?resource=${encodeURIComponent(`acct:${handle}`)}`;

export const fingerDocument = (subject: string, ...actors: string[]): Record<string, unknown> => ({
  subject: `acct:${subject}`,
  links: [
    { rel: 'http://webfinger.net/rel/profile-page', type: 'text/html', href: 'https://m.example/@alice' },
    ...actors.map((href) => ({ rel: 'self', type: 'application/activity+json', href })),
  ],
});
