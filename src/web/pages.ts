import { createHash } from 'node:crypto';
import type { LocalActor } from '../bridge/actor.ts';

import { localHandle } from '../bridge/local-handle.ts';

import { type Urls, urlsOf } from '../bridge/urls.ts';

import { type Html, html } from './html.ts';
import { STYLE } from './style.ts';

export type Pages = {
  /** For the header `Content-Security-Policy`: nothing but pictures of ours is loaded, nothing run or framed. */
  readonly contentSecurityPolicy: string;
  readonly landing: () => string;
  readonly profile: (actor: LocalActor) => string;
  readonly message: (title: string, text: string) => string;
};

export type Site = {
  /** The host part of handles. */
  readonly domain: string;
  /** XMPP domains where handles are JIDs. */
  readonly jidDomains?: ReadonlySet<string> | undefined;
  /** `public_url`, without a trailing slash. */
  readonly origin: string;
  /** How to reach whoever runs the gateway: a mail address, a URL, a JID, or words. */
  readonly contact: string | undefined;
};

type Page = { readonly title: string; readonly head?: Html; readonly body: Html };

const renderPage = ({ domain }: Site, { title, head, body }: Page): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title>
${head ?? html``}<style>${{ html: STYLE }}</style>
</head>
<body>
<main>
${body}
</main>
<footer><a href="/">${domain}</a> is a gateway between XMPP and the Fediverse.</footer>
</body>
</html>
`.html;

/** A mail address or a web address becomes a link, anything else stays text. */
const renderContact = (contact: string): Html => {
  if (/^https:\/\/\S+$/u.test(contact)) return html`<a href="${contact}">${contact}</a>`;
  if (/^[^\s@:/?]+@[^\s@:/?]+$/u.test(contact)) return html`<a href="mailto:${contact}">${contact}</a>`;
  return html`${contact}`;
};

const operator = ({ contact }: Site): Html =>
  contact === undefined
    ? html``
    : html`<h2>Who runs this</h2>
<p>Questions and reports: ${renderContact(contact)}</p>`;

const renderLanding = (site: Site): string => {
  const { domain } = site;
  return renderPage(site, {
    title: domain,
    body: html`<h1>${domain}</h1>
<p class="address">A gateway between XMPP and the Fediverse</p>
<p>People with an XMPP (Jabber) account and people on Mastodon, Misskey, Pleroma, GoToSocial and other Fediverse servers write to each other here. Each keeps the account and the app they already have.</p>
<h2>From XMPP</h2>
<p>To write to <code>@user@mastodon.example</code>, add the contact <code>user%mastodon.example@${domain}</code> and send it a chat message.</p>
<h2>From the Fediverse</h2>
<p>People here have an address like <code>@name@${domain}</code>. Search for it, follow it, or mention it in a private post: the post arrives as a chat message, and the answer reaches you as a private mention.</p>
<h2>What to know</h2>
<p>Messages are private, but not encrypted from end to end: this gateway and the servers on both sides can read them. A message is deleted here soon after it was delivered. Nobody is listed, and nobody is reachable who did not begin to use the gateway.</p>
<p>Blocking a person ends all contact with them; blocking ${domain} ends it with everyone here.</p>
${operator(site)}`,
  });
};

const renderProfile = (site: Site, actor: LocalActor): string => {
  const { domain } = site;
  const urls = urlsOf(site.origin);
  const name = actor.displayName ?? actor.name;
  const handle = `@${localHandle(actor, site)}`;
  return renderPage(site, {
    title: `${name} (${handle})`,
    head: html`<link rel="alternate" type="application/activity+json" href="${urls.actor(actor.id)}">
<meta name="robots" content="noindex">
`,
    body: html`${pictureOf(urls, actor)}<h1>${name}</h1>
<p class="address">${handle}</p>
${bioOf(actor)}<p>This person is reached over XMPP, through the gateway ${domain}.</p>
<h2>How to write</h2>
<p>Search for <code>${handle}</code> on your Fediverse server and mention it in a private post. It arrives as a chat message, and the answer comes back to you as a private mention. Such messages are not encrypted from end to end.</p>
<h2>How to block</h2>
<p>Block <code>${handle}</code> on your server, and nothing this person writes reaches you any more. Blocking the whole server <code>${domain}</code> stops everyone who uses this gateway.</p>
${operator(site)}`,
  });
};

const pictureOf = (urls: Urls, { picture }: LocalActor): Html =>
  picture === undefined
    ? html``
    : html`<img class="picture" src="${urls.picture(picture)}" width="96" height="96" alt="">\n`;

const bioOf = ({ bio }: LocalActor): Html => (bio === undefined ? html`` : html`<p class="bio">${bio}</p>\n`);

/** All pages, for one installation. They work without scripts and load nothing but a person's picture. */
export const createPages = (site: Site): Pages => ({
  contentSecurityPolicy:
    "default-src 'none'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
    `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  landing: () => renderLanding(site),
  profile: (actor) => renderProfile(site, actor),
  message: (title, text) => renderPage(site, { title, body: html`<h1>${title}</h1>\n<p>${text}</p>` }),
});
