import type { Visibility } from './note-visibility.ts';
import type { Refusal, RefusalReason } from './outcome.ts';

/**
 * Every sentence that a person reads on the XMPP side. A sentence is data, `{name}` stands for a value: a
 * translation is another catalogue with the same keys.
 */
export const ENGLISH = {
  'refusal.malformed-address':
    'This is not the address of anybody in the Fediverse. Write it as name%server@gateway, for instance bob%mastodon.example.',
  'refusal.not-found': 'There is nobody of this name at {host}. Please check the address.',
  'refusal.gone': 'This account does not exist any more.',
  'refusal.moved': 'This account moved. You now find it at {movedTo}.',
  'refusal.host-not-found':
    'There is no Fediverse server at {host}. Please check the part of the address after the name.',
  'refusal.host-unreachable': 'This could not be delivered: {host} did not answer. Please try again later.',
  'refusal.refused-by-host': 'This was refused: {host} does not take messages from you or from this gateway.',
  'refusal.blocked-by-person': 'This person does not want messages from you.',
  'refusal.policy': 'The rules of this gateway or the wishes of this person do not allow it.',
  'refusal.over-limit': 'You have sent too much in a short time. Please wait a while and try again.',
  'refusal.not-registered':
    'You are not registered at this gateway. Please register first, or ask its administrator.',
  'refusal.registration-closed':
    'Nobody can register at this gateway by themselves. Please ask its administrator.',
  'refusal.domain-not-allowed': 'This gateway is not open to users of your XMPP server.',
  'refusal.encrypted':
    'The Fediverse cannot receive encrypted messages, so nothing was sent. Please turn encryption off for this chat and send it again.',
  'refusal.too-long': 'This message is too long for the Fediverse. Please send it in several parts.',
  'refusal.not-supported': 'The Fediverse has nothing that corresponds to this, so it was not sent.',
  'refusal.rejected-by-host': 'This was not delivered: {host} cannot take a message like this one.',
  'refusal.internal': 'Something went wrong in the gateway, so this was not sent. Please try again later.',
  'host.unknown': 'the other server',

  welcome:
    'Welcome to the Fediverse. You are now {handle} there; your public page is {profileUrl}. It shows everyone that name, which is made from your XMPP address, and that you are reached over XMPP.\n' +
    'Messages through {domain} are not end-to-end encrypted: the administrators of your server, of this gateway and of the other person’s server can read them.\n' +
    'If you want to leave again, write “leave” to {domain}; “help” tells what else you can do.',
  'first-contact':
    '{handle} has not written to you yet. Your message may wait unseen there: Mastodon puts private messages from people one does not follow under “filtered notifications”.',
  help: 'This is {domain}, the gateway to the Fediverse. To write to @bob@mastodon.example, send a message to bob%mastodon.example@{domain}. To follow that person, add the same address to your contacts.',
  moved:
    '{handle} has moved and is now {newHandle}. You do not follow the old account any more. To follow the new one, add {newJid} to your contacts.',
  report: '{host} sends a report about {who}.\n{content}\nWhat it is about: {objects}',
  'report.no-words': '(It gives no reason.)',
  /** Said by the person: what clients show beside a request. */
  'follow-request': 'I would like to follow you.',
  delayed: 'Your message to {handle} is delayed: {host} does not answer. The gateway keeps trying.',
  undelivered: 'Your delayed message to {handle}, sent on {sentAt}, was not delivered. {reason}',

  'account.commands': 'You can also write to this address:\n{lines}',
  'account.invitation':
    'Register, and you get a name in the Fediverse that is made from your XMPP address. It is public, and so is that you are reached over XMPP.',
  'account.invitation-request':
    'Ask for a name in the Fediverse, made from your XMPP address: the administrator of {domain} decides. It is public then, and so is that you are reached over XMPP.',
  'account.registered': 'You are registered. Your name in the Fediverse is {handle}.',
  'account.waiting':
    'Your request is with the administrator of {domain}. You will get a message when it is decided.',
  'account.turned-down':
    'Your request to use {domain} was not granted. If you have questions, please ask its administrator.',
  'account.confirm-leave':
    'If you leave, {handle} and all that you sent is deleted from the Fediverse, and your contacts there are removed. This cannot be undone. Write “leave yes” to do it.',
  'account.left':
    'You have left. What you sent is being deleted from the Fediverse. Whenever you wish to come back, register again.',
  'account.asks': '{jid} asks to use the gateway. Please answer with “approve {jid}” or “refuse {jid}”.',
  'account.approved': '{jid} is registered now and has been told.',
  'account.known': '{jid} is registered already.',
  'account.unasked': '{jid} has not asked to use the gateway.',
  'account.refused': 'The request of {jid} is refused, and {jid} has been told.',
  'account.which': 'Please write an XMPP address behind it, for instance: {command} alice@xmpp.example',
  'account.profile':
    'This is what everybody in the Fediverse sees of you:\nHandle: {handle}\nName: {name}\nAbout you: {bio}\nPicture: {picture}\nXMPP address: {jid}\nLinks: {links}',
  'account.which-name': 'Please write the name behind it, in 50 characters at most: name Alice',
  'account.which-bio':
    'Please write something about you behind it, in 500 characters at most: bio I like bridges.',
  'account.which-link':
    'Please write a web, mail, SIP or telephone address behind it, for instance: link https://alice.example',
  'account.too-many-links': 'There is room for {count} addresses. To begin anew, write: hide links',
  'account.which-publish':
    'To show your XMPP address to everybody in the Fediverse, write: publish jid\nTo show the picture of your XMPP profile, write: publish picture\nTo show its name, its words about you and its picture, write: publish profile',
  'account.which-hide':
    'Please say what to hide: hide name, hide bio, hide jid, hide links, hide picture, or hide profile',
  'account.card-unreadable':
    'Your XMPP server shows this gateway no profile (vCard) of yours, so nothing was changed. Please make it and its picture public in your client and write this again, or write: name Alice, and: bio I like bridges.',
  'account.card-empty':
    'There is nothing in your XMPP profile (vCard) that could be shown, so nothing was changed. Please fill it in with your client and write this again, or write: name Alice, and: bio I like bridges.',
  'account.card-no-picture':
    'There is no picture in your XMPP profile that everybody may see, so nothing was changed. Please set one in your client, make it public, and write this again.',
  'account.card-bad-picture':
    'The picture of your XMPP profile cannot be shown. Please set a PNG, JPEG, WebP or GIF in your client, and write this again.',
  'account.none-waits': 'Nobody waits for an answer.',

  /** Read only where the client does not know retractions (XEP-0424). */
  retracted: '(This person deleted an earlier message here.)',

  'reaction.like': '(likes your message)',
  'reaction.emoji': '({emoji} to your message)',
  'reaction.boost': '(shared your message with others)',

  'mark.public': '(public post: {url} – your answer stays private)',
  'mark.unlisted': '(unlisted post: {url} – your answer stays private)',
  'mark.followers': '(for followers only: {url} – your answer goes to this person alone)',
  'mark.quote': '(quotes {url})',
  'mark.group': '(also to {people} – your answer goes to this person alone)',
  'mark.more': '{people} and {count} more',
  'mark.warning': 'CW: {summary}',
  'mark.sensitive-files': 'sensitive media',
  'mark.cut': '(shortened, the whole is at {url})',
  'mark.no-text': '(no text: {url})',
} as const;

export type SentenceKey = keyof typeof ENGLISH;
export type Catalogue = Readonly<Record<SentenceKey, string>>;

/** A placeholder is filled once: what a value holds in braces stays as it is. */
const say = (catalogue: Catalogue, key: SentenceKey, values: Readonly<Record<string, string>> = {}): string =>
  catalogue[key].replace(/\{([a-zA-Z]+)\}/gu, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );

const refusalKey = (reason: RefusalReason, moved: boolean): SentenceKey =>
  reason === 'gone' && moved ? 'refusal.moved' : `refusal.${reason}`;

/** Why something was not carried and what one can do, for the `<text>` of an error stanza. */
export const refusalText = (refusal: Refusal, catalogue: Catalogue = ENGLISH): string =>
  say(catalogue, refusalKey(refusal.reason, refusal.movedTo !== undefined), {
    host: refusal.host ?? say(catalogue, 'host.unknown'),
    movedTo: refusal.movedTo ?? '',
  });

/** Told once, when somebody becomes an actor: what that publishes, who can read along, how to leave. */
export const welcomeText = (
  values: { readonly handle: string; readonly profileUrl: string; readonly domain: string },
  catalogue: Catalogue = ENGLISH,
): string => say(catalogue, 'welcome', values);

/** Told with the first message to somebody who has not written before. */
export const firstContactText = (
  values: { readonly handle: string },
  catalogue: Catalogue = ENGLISH,
): string => say(catalogue, 'first-contact', values);

/** The answer to whoever writes to the gateway itself. */
export const helpText = (values: { readonly domain: string }, catalogue: Catalogue = ENGLISH): string =>
  say(catalogue, 'help', values);

/** What is said about an account, to the user or to an administrator. */
export const accountText = (
  key: Extract<SentenceKey, `account.${string}`>,
  values: Readonly<Record<string, string>> = {},
  catalogue: Catalogue = ENGLISH,
): string => say(catalogue, key, values);

/** Told to who follows somebody that moved. */
export const movedText = (
  values: { readonly handle: string; readonly newHandle: string; readonly newJid: string },
  catalogue: Catalogue = ENGLISH,
): string => say(catalogue, 'moved', values);

/** Told to administrators: another server complains. `content` may be empty. */
export const reportText = (
  values: {
    readonly host: string;
    readonly who: string;
    readonly content: string;
    readonly objects: string;
  },
  catalogue: Catalogue = ENGLISH,
): string =>
  say(catalogue, 'report', { ...values, content: values.content || say(catalogue, 'report.no-words') });

/** What somebody who asks to follow says with it. */
export const followRequestText = (catalogue: Catalogue = ENGLISH): string => say(catalogue, 'follow-request');

/** Told once for a message that is still on its way after ten minutes. */
export const delayedText = (
  values: { readonly handle: string; readonly host: string },
  catalogue: Catalogue = ENGLISH,
): string => say(catalogue, 'delayed', values);

/**
 * Told once for a delayed message that was given up: its error may come when nobody is there to see it.
 * @param values.sentAt ISO 8601 UTC
 */
export const undeliveredText = (
  values: { readonly handle: string; readonly sentAt: string; readonly reason: string },
  catalogue: Catalogue = ENGLISH,
): string =>
  say(catalogue, 'undelivered', {
    ...values,
    sentAt: `${values.sentAt.slice(0, 16).replace('T', ' at ')} UTC`,
  });

/** Stands where a message was taken back, for clients that cannot take it away. */
export const retractedText = (catalogue: Catalogue = ENGLISH): string => say(catalogue, 'retracted');

/** The line that tells who else saw a post, with its link; undefined for a direct one, where there is nothing to say. */
export const visibilityMark = (
  visibility: Visibility,
  url: string,
  catalogue: Catalogue = ENGLISH,
): string | undefined =>
  visibility === 'direct' ? undefined : say(catalogue, `mark.${visibility}`, { url });

/** The line that tells which other post one quotes. */
export const quoteMark = (url: string, catalogue: Catalogue = ENGLISH): string =>
  say(catalogue, 'mark.quote', { url });

/** Handles named in a line before it says how many more there are. */
const MAX_NAMED = 10;

/** The line that tells who else is in a conversation; undefined where nobody is. */
export const groupMark = (handles: readonly string[], catalogue: Catalogue = ENGLISH): string | undefined => {
  if (handles.length === 0) return undefined;
  const named = handles.slice(0, MAX_NAMED).join(', ');
  const count = handles.length - MAX_NAMED;
  const people = count > 0 ? say(catalogue, 'mark.more', { people: named, count: String(count) }) : named;
  return say(catalogue, 'mark.group', { people });
};

/** The first line of a message behind a content warning. */
export const warningLine = (summary: string, catalogue: Catalogue = ENGLISH): string =>
  say(catalogue, 'mark.warning', { summary });

/** The content warning of files that their author marked as sensitive without saying why. */
export const sensitiveFiles = (catalogue: Catalogue = ENGLISH): string =>
  say(catalogue, 'mark.sensitive-files');

/** The last line of a message that was cut short. */
export const cutMark = (url: string, catalogue: Catalogue = ENGLISH): string =>
  say(catalogue, 'mark.cut', { url });

/** Stands for a post in which there is nothing to read. */
export const noTextMark = (url: string, catalogue: Catalogue = ENGLISH): string =>
  say(catalogue, 'mark.no-text', { url });

/** What somebody made of a message of the user: an emoji, a like without one, or a boost. */
export const reactionText = (
  reaction: { readonly type: 'Like' | 'EmojiReact' | 'Announce'; readonly content?: string },
  catalogue: Catalogue = ENGLISH,
): string => {
  if (reaction.type === 'Announce') return say(catalogue, 'reaction.boost');
  return reaction.content === undefined
    ? say(catalogue, 'reaction.like')
    : say(catalogue, 'reaction.emoji', { emoji: reaction.content });
};
