import { PUBLIC } from '../bridge/activity.ts';
import type { LocalActor } from '../bridge/actor.ts';
import { jidToUri } from '../bridge/jid.ts';
import { localHandle } from '../bridge/local-handle.ts';
import { LINK_SCHEMES } from '../bridge/own-profile.ts';
import { textToHtml } from '../bridge/text-to-html.ts';
import { keyIdOf, type Urls } from '../bridge/urls.ts';
import { ACTIVITY_STREAMS, type JsonObject } from './json.ts';

const ACTOR_CONTEXT = [
  ACTIVITY_STREAMS,
  'https://w3id.org/security/v1',
  {
    manuallyApprovesFollowers: 'as:manuallyApprovesFollowers',
    toot: 'http://joinmastodon.org/ns#',
    discoverable: 'toot:discoverable',
    indexable: 'toot:indexable',
    featured: { '@id': 'toot:featured', '@type': '@id' },
    schema: 'http://schema.org#',
    PropertyValue: 'schema:PropertyValue',
    value: 'schema:value',
    litepub: 'http://litepub.social/ns#',
    capabilities: 'litepub:capabilities',
    acceptsChatMessages: 'litepub:acceptsChatMessages',
    // FEP-2c59 and FEP-844e, inline for the same reason as the rest: no other document is needed.
    webfinger: {
      '@id': 'https://purl.archive.org/socialweb/webfinger#webfinger',
      '@type': 'http://www.w3.org/2001/XMLSchema#string',
    },
    implements: { '@id': 'https://w3id.org/fep/844e#implements', '@type': '@id', '@container': '@set' },
  },
] as const;

/** FEP-844e: only what this gateway really speaks. A row is added with the code that makes it true. */
const IMPLEMENTS: readonly JsonObject[] = [
  { href: 'https://www.w3.org/TR/activitypub/', name: 'ActivityPub' },
  {
    href: 'https://datatracker.ietf.org/doc/html/draft-cavage-http-signatures-12',
    name: 'Signing HTTP Messages, draft 12',
  },
  { href: 'https://datatracker.ietf.org/doc/html/rfc9421', name: 'RFC-9421: HTTP Message Signatures' },
];

const publicKey = (actorUrl: string, publicPem: string): JsonObject => ({
  id: keyIdOf(actorUrl),
  owner: actorUrl,
  publicKeyPem: publicPem,
});

/** `domain` is the host part of handles, `publicPem` an SPKI PEM (`BEGIN PUBLIC KEY`: PeerTube checks it). */
export type ActorView = {
  readonly actor: LocalActor;
  readonly publicPem: string;
  readonly domain: string;
  /** XMPP domains where handles are JIDs. */
  readonly jidDomains?: ReadonlySet<string> | undefined;
};

/**
 * The actor of an XMPP user. Everything lies on one host, which Misskey and Pixelfed check. A follow becomes
 * a `subscribe` that the person answers, so followers are approved by hand. The JID is in it only
 * where the person said so (`publish jid`).
 */
export const renderActor = (urls: Urls, { actor, publicPem, domain, jidDomains }: ActorView): JsonObject => {
  const id = urls.actor(actor.id);
  return {
    '@context': ACTOR_CONTEXT,
    id,
    // Service or Application would be shown as a bot, and Mastodon lets people filter those.
    type: 'Person',
    preferredUsername: actor.name,
    webfinger: localHandle(actor, { domain, jidDomains }),
    name: actor.displayName ?? actor.name,
    summary:
      (actor.bio === undefined ? '' : textToHtml(actor.bio)) +
      `<p>This person is reached over XMPP, through the gateway ${escapeText(domain)}. ` +
      'Private messages are not encrypted from end to end.</p>',
    url: urls.profile(actor.name),
    published: actor.createdAt,
    inbox: urls.inbox(actor.id),
    outbox: urls.outbox(actor.id),
    followers: urls.followers(actor.id),
    following: urls.following(actor.id),
    featured: urls.featured(actor.id),
    endpoints: { sharedInbox: urls.sharedInbox },
    manuallyApprovesFollowers: true,
    discoverable: false,
    indexable: false,
    // Pleroma and Akkoma then offer a chat.
    capabilities: { acceptsChatMessages: true },
    publicKey: publicKey(id, publicPem),
    generator: { type: 'Application', name: 'Causeway', implements: IMPLEMENTS },
    ...(actor.picture === undefined
      ? {}
      : { icon: { type: 'Image', mediaType: 'image/png', url: urls.picture(actor.picture) } }),
    attachment: [
      ...(actor.showsJid === true ? [jidField(actor.jid)] : []),
      ...(actor.links ?? []).map(linkField),
    ],
    tag: [],
  };
};

/**
 * The news that an actor changed: the whole document, so that nobody has to fetch it. `named` are those among its
 * readers whom it concerns although they do not follow: snac takes it for its users only where the document itself
 * is addressed to one of them.
 */
export const renderActorUpdate = (
  urls: Urls,
  {
    activityId,
    named,
    ...view
  }: ActorView & { readonly activityId: string; readonly named: readonly string[] },
): JsonObject => {
  const actor = urls.actor(view.actor.id);
  const audience = { to: [PUBLIC], cc: named };
  return {
    '@context': ACTOR_CONTEXT,
    id: activityId,
    type: 'Update',
    actor,
    ...audience,
    // Its own context says the same once more.
    object: { ...renderActor(urls, view), ...(named.length === 0 ? {} : audience) },
  };
};

/**
 * The actor that signs our GETs and stands for the gateway (FEP-2677, FEP-d556). Anyone may fetch it
 * unsigned: two servers that both ask for signed fetches would otherwise wait for each other's key.
 */
export const renderInstanceActor = (
  urls: Urls,
  { publicPem, domain }: { readonly publicPem: string; readonly domain: string },
): JsonObject => {
  const id = urls.instanceActor;
  return {
    '@context': ACTOR_CONTEXT,
    id,
    type: 'Application',
    preferredUsername: domain,
    webfinger: `${domain}@${domain}`,
    name: 'Causeway',
    summary: '<p>A gateway between XMPP and the Fediverse.</p>',
    url: `${urls.origin}/`,
    inbox: `${id}/inbox`,
    outbox: `${id}/outbox`,
    endpoints: { sharedInbox: urls.sharedInbox },
    manuallyApprovesFollowers: true,
    discoverable: false,
    indexable: false,
    publicKey: publicKey(id, publicPem),
    implements: IMPLEMENTS,
  };
};

/** The person's own (`me`), and nothing that a reader's browser or a search engine should follow on our word. */
const LINK_REL = 'me nofollow noopener';

/** A row of the profile, as Mastodon shows it, with a link (RFC 5122). */
const jidField = (jid: string): JsonObject => ({
  type: 'PropertyValue',
  name: 'XMPP',
  value: `<a href="${jidToUri(jid)}" rel="${LINK_REL}">${escapeText(jid)}</a>`,
});

const linkField = (uri: string): JsonObject => {
  const colon = uri.indexOf(':') + 1;
  const shown = uri.replace(/^(?:https:\/\/|[a-z]+:)/u, '').replace(/\/$/u, '');
  return {
    type: 'PropertyValue',
    name: LINK_SCHEMES.get(uri.slice(0, colon)) ?? 'Link',
    value: `<a href="${escapeText(uri)}" rel="${LINK_REL}">${escapeText(shown)}</a>`,
  };
};

const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
