import type { LocalActor } from '../bridge/actor.ts';
import { type HandleRules, localHandle } from '../bridge/local-handle.ts';
import type { Urls } from '../bridge/urls.ts';
import type { JsonObject } from './json.ts';

const ACTIVITY_JSON = 'application/activity+json';
const AVATAR = 'http://webfinger.net/rel/avatar';

/**
 * A user's WebFinger answer (RFC 7033 4.4). The subject is the canonical handle whatever alias was asked
 * for: peers that see another subject than theirs ask once more and then agree.
 */
export const renderWebfinger = (urls: Urls, rules: HandleRules, actor: LocalActor): JsonObject => ({
  subject: `acct:${localHandle(actor, rules)}`,
  aliases: [urls.profile(actor.name), urls.actor(actor.id)],
  links: [
    {
      rel: 'http://webfinger.net/rel/profile-page',
      type: 'text/html',
      href: urls.profile(actor.name),
    },
    { rel: 'self', type: ACTIVITY_JSON, href: urls.actor(actor.id) },
    ...(actor.picture === undefined
      ? []
      : [{ rel: AVATAR, type: 'image/png', href: urls.picture(actor.picture) }]),
  ],
});

/** The gateway's own WebFinger answer (FEP-d556). */
export const renderInstanceWebfinger = (urls: Urls, domain: string): JsonObject => ({
  subject: `acct:${domain}@${domain}`,
  aliases: [`${urls.origin}/`, urls.instanceActor],
  links: [
    { rel: 'http://webfinger.net/rel/profile-page', type: 'text/html', href: `${urls.origin}/` },
    { rel: 'self', type: ACTIVITY_JSON, href: urls.instanceActor },
    {
      rel: 'https://www.w3.org/ns/activitystreams#Service',
      type: ACTIVITY_JSON,
      href: urls.instanceActor,
    },
  ],
});

const lrddTemplate = (urls: Urls): string => `${urls.origin}/.well-known/webfinger?resource={uri}`;

/** RFC 6415: where Mastodon looks when WebFinger says 404. The origin holds no character that XML escapes. */
export const renderHostMetaXml = (urls: Urls): string =>
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">\n' +
  `  <Link rel="lrdd" type="application/jrd+json" template="${lrddTemplate(urls)}"/>\n` +
  '</XRD>\n';

export const renderHostMetaJson = (urls: Urls): JsonObject => ({
  links: [{ rel: 'lrdd', type: 'application/jrd+json', template: lrddTemplate(urls) }],
});

const NODEINFO_SCHEMA = 'http://nodeinfo.diaspora.software/ns/schema';

export type NodeInfoVersion = '2.0' | '2.1';

/** NodeInfo discovery, with the link to the instance actor of FEP-2677. */
export const renderNodeInfoLinks = (urls: Urls): JsonObject => ({
  links: [
    { rel: `${NODEINFO_SCHEMA}/2.0`, href: `${urls.origin}/nodeinfo/2.0` },
    { rel: `${NODEINFO_SCHEMA}/2.1`, href: `${urls.origin}/nodeinfo/2.1` },
    { rel: 'https://www.w3.org/ns/activitystreams#Application', href: urls.instanceActor },
  ],
});

/** The media type of a NodeInfo document (NodeInfo 2.1, "Retrieval"). */
export const nodeInfoType = (version: NodeInfoVersion): string =>
  `application/json; profile="${NODEINFO_SCHEMA}/${version}#"; charset=utf-8`;

/** Counts only, never who they are. */
export type Usage = {
  readonly total: number;
  readonly activeMonth: number;
  readonly activeHalfyear: number;
};

/**
 * What this installation says of itself; `homepage` is the public address of the gateway, `repository` that of its
 * source, where it is published.
 */
export type Software = {
  readonly version: string;
  readonly domain: string;
  readonly homepage: string;
  readonly repository?: string | undefined;
};

/** NodeInfo 2.0 knows neither. */
const addressesOf = ({ homepage, repository }: Software): JsonObject => ({
  homepage,
  ...(repository === undefined ? {} : { repository }),
});

/**
 * NodeInfo 2.0 or 2.1. Sign-up is closed in its sense: an account comes from the XMPP server, never from
 * here. Nobody's posts are counted, since none are public.
 */
export const renderNodeInfo = (version: NodeInfoVersion, software: Software, usage: Usage): JsonObject => ({
  version,
  software: {
    name: 'causeway',
    version: software.version,
    ...(version === '2.1' ? addressesOf(software) : {}),
  },
  protocols: ['activitypub', 'xmpp'],
  services: { inbound: [], outbound: ['xmpp'] },
  openRegistrations: false,
  usage: {
    users: {
      total: usage.total,
      activeMonth: usage.activeMonth,
      activeHalfyear: usage.activeHalfyear,
    },
    localPosts: 0,
  },
  metadata: {
    nodeName: software.domain,
    nodeDescription: `A gateway between XMPP and the Fediverse at ${software.domain}`,
  },
});
