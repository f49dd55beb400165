import type { Mention } from './activity.ts';
import { type HtmlElement, hasClass, textContent } from './html-tree.ts';

/** Other schemes are never shown as the target of a link: some of them run code. */
const SHOWN_SCHEMES = new Set(['http:', 'https:', 'mailto:', 'xmpp:', 'tel:']);

/** A plain web address, free of what two programs could read in two ways. */
const PLAIN_URL = /^https?:\/\/[a-z0-9.-]+(?::[0-9]+)?(?:[/?#][^\s\\]*)?$/iu;

const MAX_URL_LENGTH = 4096;

/** The target of a link as it may be shown; undefined where there is none that leads somewhere safe. */
const shownTarget = (href: string): string | undefined => {
  const text = href.trim();
  if (text.length > MAX_URL_LENGTH) return undefined;
  const url = URL.parse(text);
  if (url === null || !SHOWN_SCHEMES.has(url.protocol)) return undefined;
  return PLAIN_URL.test(text) ? text : url.href;
};

const withoutScheme = (text: string): string =>
  text
    .trim()
    .replace(/^https?:\/\//iu, '')
    .replace(/\/$/u, '');

const decoded = (text: string): string => {
  try {
    return decodeURI(text);
  } catch {
    return text;
  }
};

/** True where the text says no more than the address itself, whole or cut short with an ellipsis. */
const namesTarget = (text: string, target: string): boolean => {
  const shown = withoutScheme(text);
  return [target, decoded(target)].map(withoutScheme).some((full) => {
    if (shown === full) return true;
    const start = shown.replace(/(?:…|\.\.\.)$/u, '');
    const host = full.split(/[/?#]/u, 1)[0] ?? full;
    return start !== shown && start.length >= host.length && full.startsWith(start);
  });
};

const hasRel = (link: HtmlElement, word: string): boolean =>
  (link.attributes['rel'] ?? '').split(/\s+/u).includes(word);

/**
 * `@user@host` for a link to a person: from the Mention tag where one fits, else with the link's own host,
 * so that nobody passes for a namesake elsewhere. Undefined where the link is no mention.
 */
const mentionText = (
  link: HtmlElement,
  visible: string,
  mentions: readonly Mention[],
): string | undefined => {
  if (!/^@[^\s@]+(?:@[^\s@]+)?$/u.test(visible)) return undefined;
  const host = URL.parse(link.attributes['href'] ?? '')?.host ?? '';
  const shown = visible.toLowerCase();
  // The link leads to the profile, the tag to the actor: they agree in their host.
  const tagged = mentions.find(({ href, name }) => {
    const full = name?.toLowerCase() ?? '';
    return URL.parse(href)?.host === host && (full === shown || full.startsWith(`${shown}@`));
  });
  const whole = visible.includes('@', 1) ? visible : `${visible}@${host}`;
  if (tagged?.name !== undefined) return tagged.name.includes('@', 1) ? tagged.name : whole;
  const ownHost = whole.slice(whole.indexOf('@', 1) + 1).toLowerCase();
  return hasClass(link, 'mention') && host !== '' && ownHost === host ? whole : undefined;
};

/**
 * What a reader sees of a link: the text, and the real target wherever the text does not already name it.
 * `visible` is the rendered text of the link. Mastodon hides parts of an address (`.invisible`); the reader
 * gets it whole.
 */
export const linkToText = (link: HtmlElement, visible: string, mentions: readonly Mention[]): string => {
  const target = shownTarget(link.attributes['href'] ?? '');
  if (target === undefined) return visible;
  const isTag = hasClass(link, 'hashtag') || hasRel(link, 'tag');
  if (isTag && /^#\S+$/u.test(visible)) return visible;
  const mention = mentionText(link, visible, mentions);
  if (mention !== undefined) return mention;
  const whole = textContent(link.children);
  if (visible === '' || namesTarget(whole, target) || namesTarget(visible, target)) return target;
  return `${visible} (${target})`;
};
