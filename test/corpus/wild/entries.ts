import type { Becomes } from './becomes.ts';

export type WildEntry = {
  /** Where its form is from. Hosts, people and words are made up. */
  readonly source: string;
  readonly becomes: Becomes;
};

const FEDIFY = 'as @fedify/fedify 2.3.8 sent it to the gateway in a scenario test';
const SNAC = 'as snac 2.75 sent it to the gateway in a scenario test';
const LEMMY = 'crates/apub/assets of LemmyNet/lemmy';
const SOURCE = 'written after the source of the program';

/** Every document in this folder, where it is from and what becomes of it. */
export const WILD: Readonly<Record<string, WildEntry>> = {
  'bookwyrm-actor': {
    source: 'after bookwyrm/tests/data/ap_user.json of bookwyrm-social/bookwyrm',
    becomes: ['@lena@bookwyrm.example, LENA? LENA!, 1 key, https://bookwyrm.example/inbox'],
  },
  'bookwyrm-create-note': {
    source: 'after FEDERATION.md of bookwyrm-social/bookwyrm',
    becomes: ['direct note', 'have you read it?'],
  },
  'bookwyrm-create-quotation': {
    source: 'after FEDERATION.md of bookwyrm-social/bookwyrm: what it sends to its own kind',
    becomes: ['nothing (Create)'],
  },
  'bookwyrm-create-review': {
    source: 'after FEDERATION.md of bookwyrm-social/bookwyrm: for others a review is an Article',
    becomes: [
      'public note',
      'CW: Spoilers ahead!\n*Review of “The Hearing Trumpet” (4.5 stars): a cracking read*\n\nFull of old ladies who do as they please.\n\n(public post: https://bookwyrm.example/user/lena/review/2 – your answer stays private)',
      'https://bookwyrm.example/images/covers/1.jpg',
    ],
  },
  'fedify-accept': {
    source: FEDIFY,
    becomes: [
      'Accept of Follow https://ap.example/f/01jb of https://ap.example/u/01j9 at https://fedify.example/users/dave',
    ],
  },
  'fedify-actor': {
    source: FEDIFY,
    becomes: ['@dave@fedify.example, dave of Fedify, 2 keys, https://fedify.example/inbox'],
  },
  'fedify-announce': { source: FEDIFY, becomes: ['Announce of https://ap.example/n/01ja'] },
  'fedify-block': { source: FEDIFY, becomes: ['Block of https://ap.example/u/01j9'] },
  'fedify-create-direct': {
    source: FEDIFY,
    becomes: ['direct note', 'in answer to https://ap.example/n/01ja', 'Hello Alice'],
  },
  'fedify-delete-note': {
    source: FEDIFY,
    becomes: ['Delete of https://fedify.example/activities/1-1795870509180/note'],
  },
  'fedify-delete-person': { source: FEDIFY, becomes: ['Delete of https://fedify.example/users/dave'] },
  'fedify-emoji-react': { source: FEDIFY, becomes: ['EmojiReact 🎉 of https://ap.example/n/01ja'] },
  'fedify-emoji-react-custom': {
    source: FEDIFY,
    becomes: ['EmojiReact :blobcat: of https://ap.example/n/01ja'],
  },
  'fedify-follow': { source: FEDIFY, becomes: ['Follow of https://ap.example/u/01j9'] },
  'fedify-like': { source: FEDIFY, becomes: ['Like of https://ap.example/n/01ja'] },
  'fedify-reject': {
    source: FEDIFY,
    becomes: [
      'Reject of Follow https://ap.example/f/01jb of https://ap.example/u/01j9 at https://fedify.example/users/dave',
    ],
  },
  'fedify-undo-block': {
    source: FEDIFY,
    becomes: [
      'Undo of Block https://fedify.example/activities/14-1795870509180 of https://fedify.example/users/dave at https://ap.example/u/01j9',
    ],
  },
  'fedify-undo-follow': {
    source: FEDIFY,
    becomes: [
      'Undo of Follow https://fedify.example/follows/3-1795870291779 of https://fedify.example/users/dave at https://ap.example/u/01j9',
    ],
  },
  'fedify-undo-like': {
    source: FEDIFY,
    becomes: [
      'Undo of Like https://fedify.example/activities/5-1795870509180 of https://fedify.example/users/dave at https://ap.example/n/01ja',
    ],
  },
  'fedify-update-note': { source: FEDIFY, becomes: ['an edit', 'direct note', 'Good morning'] },
  'fedify-update-person': {
    source: FEDIFY,
    becomes: ['the profile of https://fedify.example/users/dave: David'],
  },
  'fedify-view': { source: FEDIFY, becomes: ['nothing (View)'] },
  'friendica-actor': {
    source: SOURCE,
    becomes: ['@ida@friendica.example, Ida, 1 key, https://friendica.example/inbox'],
  },
  'friendica-create-comment': {
    source: `after friendica/activities/create_note.json in ${LEMMY}`,
    becomes: [
      'public note',
      'in answer to https://ap.example/n/01ja',
      'seen from here too\n\n(public post: https://friendica.example/display/e5c2 – your answer stays private)',
    ],
  },
  'friendica-create-direct': { source: SOURCE, becomes: ['direct note', 'hello from the garden'] },
  'friendica-delete': {
    source: `after friendica/activities/delete.json in ${LEMMY}`,
    becomes: ['Delete of https://friendica.example/objects/e5c1'],
  },
  'friendica-dislike': {
    source: `after friendica/activities/dislike_page.json in ${LEMMY}`,
    becomes: ['nothing (Dislike)'],
  },
  'friendica-like': {
    source: `after friendica/activities/like_page.json in ${LEMMY}`,
    becomes: ['Like of https://ap.example/n/01ja'],
  },
  'gotosocial-actor': {
    source: SOURCE,
    becomes: ['@erin@gts.example, Erin, 1 key, https://gts.example/inbox'],
  },
  'gotosocial-create-direct': { source: SOURCE, becomes: ['direct note', 'hello @alice@ap.example'] },
  'gotosocial-delete': {
    source: SOURCE,
    becomes: ['Delete of https://gts.example/users/erin/statuses/01HN'],
  },
  'lemmy-actor': {
    source: SOURCE,
    becomes: ['@frank@lemmy.example, Frank, 1 key, https://lemmy.example/inbox'],
  },
  'lemmy-announce-create-page': {
    source: `after lemmy/activities/community/announce_create_page.json in ${LEMMY}`,
    becomes: ['Announce of https://lemmy.example/activities/create/2807'],
  },
  'lemmy-create-chat-message': { source: SOURCE, becomes: ['direct note', 'hello'] },
  'lemmy-create-comment': {
    source: `after lemmy/activities/create_or_update/create_comment.json in ${LEMMY}`,
    becomes: [
      'public note',
      'in answer to https://ap.example/n/01ja',
      'so it grows\n\n(public post: https://lemmy.example/comment/1 – your answer stays private)',
    ],
  },
  'lemmy-create-note': { source: SOURCE, becomes: ['direct note', 'hello'] },
  'lemmy-delete-private-message': {
    source: `after lemmy/activities/deletion/delete_private_message.json in ${LEMMY}`,
    becomes: ['Delete of https://lemmy.example/private_message/2'],
  },
  'lemmy-delete-user': {
    source: `after lemmy/activities/deletion/delete_user.json in ${LEMMY}`,
    becomes: ['Delete of https://lemmy.example/u/frank'],
  },
  'lemmy-flag': {
    source: `after lemmy/activities/community/report_page.json in ${LEMMY}`,
    becomes: ['Flag of https://ap.example/n/01ja: advertisements'],
  },
  'lemmy-follow': {
    source: `after lemmy/activities/following/follow.json in ${LEMMY}`,
    becomes: ['Follow of https://ap.example/u/01j9'],
  },
  'mastodon-accept': {
    source: SOURCE,
    becomes: [
      'Accept of Follow https://ap.example/f/01jb of https://ap.example/u/01j9 at https://mastodon.example/users/bob',
    ],
  },
  'mastodon-actor': {
    source: SOURCE,
    becomes: ['@bob@mastodon.example, Bob :verified:, 1 key, https://mastodon.example/inbox'],
  },
  'mastodon-block': { source: SOURCE, becomes: ['Block of https://ap.example/u/01j9'] },
  'mastodon-create-direct': {
    source: SOURCE,
    becomes: [
      'direct note',
      'in answer to https://ap.example/n/01ja',
      'how are you?',
      'https://files.mastodon.example/x.jpg',
    ],
  },
  'mastodon-delete': {
    source: SOURCE,
    becomes: ['Delete of https://mastodon.example/users/bob/statuses/113000000000000001'],
  },
  'mastodon-delete-person': { source: SOURCE, becomes: ['Delete of https://mastodon.example/users/bob'] },
  'mastodon-follow': { source: SOURCE, becomes: ['Follow of https://ap.example/u/01j9'] },
  'mastodon-undo-follow': {
    source: SOURCE,
    becomes: [
      'Undo of Follow https://mastodon.example/1f2e3d4c-0000-4000-8000-000000000001 of https://mastodon.example/users/bob at https://ap.example/u/01j9',
    ],
  },
  'misskey-actor': {
    source: SOURCE,
    becomes: ['@miso@misskey.example, undefined, 1 key, https://misskey.example/inbox'],
  },
  'misskey-create-specified': { source: SOURCE, becomes: ['direct note', 'CW: weather\n\nit rains'] },
  'misskey-delete': { source: SOURCE, becomes: ['Delete of https://misskey.example/notes/9note00001'] },
  'misskey-like': { source: SOURCE, becomes: ['Like 🍮 of https://ap.example/n/01ja'] },
  'mobilizon-actor': {
    source:
      'after test/fixtures/vcr_cassettes/activity_pub/fetch_mobilizon_post_activity.json of framasoft/mobilizon',
    becomes: ['@kim@mobilizon.example, Kim, 1 key, https://mobilizon.example/inbox'],
  },
  'mobilizon-create-comment': {
    source: 'after the same, as an answer to the event',
    becomes: [
      'public note',
      'in answer to https://mobilizon.example/events/39026210-0c69-4238-b3cc-986f33f98ed0',
      'at two, by the door\n\n(public post: https://mobilizon.example/comments/01 – your answer stays private)',
    ],
  },
  'mobilizon-create-event': {
    source: 'after test/fixtures/mobilizon-post-activity.json of framasoft/mobilizon',
    becomes: [
      'public note',
      '*Board games*\n\nbring a game\n\n(public post: https://mobilizon.example/events/39026210-0c69-4238-b3cc-986f33f98ed0 – your answer stays private)',
    ],
  },
  'mobilizon-join': {
    source: 'after test/fixtures/mobilizon-join-activity.json of framasoft/mobilizon',
    becomes: ['nothing (Join)'],
  },
  'peertube-actor': {
    source: SOURCE,
    becomes: ['@hugo@peertube.example, Hugo films, 1 key, https://peertube.example/inbox'],
  },
  'peertube-announce-video': {
    source:
      'after send/send-announce.ts, send/shared/audience-utils.ts and share.ts in server/core/lib/activitypub of Chocobozzz/PeerTube',
    becomes: ['Announce of https://peertube.example/videos/watch/9c1e4b0a-5d0f-4c8e-9a55-2f6a1e0b7c31'],
  },
  'peertube-comment': {
    source: SOURCE,
    becomes: [
      'public note',
      'in answer to https://peertube.example/videos/watch/9c1',
      'thanks for watching\n\n(public post: https://peertube.example/videos/watch/9c1/comments/7 – your answer stays private)',
    ],
  },
  'peertube-dislike': {
    source: 'after server/core/lib/activitypub/send/send-dislike.ts of Chocobozzz/PeerTube',
    becomes: ['nothing (Dislike)'],
  },
  'peertube-follow': {
    source: 'after send/send-follow.ts and url.ts in server/core/lib/activitypub of Chocobozzz/PeerTube',
    becomes: ['Follow of https://ap.example/u/01j9'],
  },
  'peertube-video': {
    source: SOURCE,
    becomes: ['refused: a note of which the actor is not the only author'],
  },
  'peertube-view': {
    source: 'after server/core/lib/activitypub/send/send-view.ts of Chocobozzz/PeerTube',
    becomes: ['nothing (View)'],
  },
  'pixelfed-actor': {
    source: SOURCE,
    becomes: ['@gina@pixelfed.example, Gina, 1 key, https://pixelfed.example/f/inbox'],
  },
  'pixelfed-create-direct': {
    source: SOURCE,
    becomes: ['direct note', 'look', 'https://pixelfed.example/storage/m/1.jpg'],
  },
  'pixelfed-create-photo': {
    source: 'after app/Transformer/ActivityPub/Verb/CreateNote.php of pixelfed/pixelfed',
    becomes: [
      'public note',
      'Harbour at dawn, with @alice@ap.example #harbour\n\n(public post: https://pixelfed.example/p/gina/600000000000000002 – your answer stays private)',
      'https://pixelfed.example/storage/m/2.jpg',
    ],
  },
  'pixelfed-create-reply': {
    source: 'after the same; that the tags of an answer are one object is its own',
    becomes: ['direct note', 'in answer to https://ap.example/n/01ja', 'thank you'],
  },
  'pixelfed-delete': {
    source: 'after app/Transformer/ActivityPub/Verb/DeleteNote.php of pixelfed/pixelfed',
    becomes: ['Delete of https://pixelfed.example/p/gina/600000000000000002'],
  },
  'pixelfed-follow': {
    source: 'after app/Http/Controllers/FollowerController.php of pixelfed/pixelfed',
    becomes: ['Follow of https://ap.example/u/01j9'],
  },
  'pixelfed-like': {
    source: 'after app/Transformer/ActivityPub/Verb/Like.php of pixelfed/pixelfed',
    becomes: ['Like of https://ap.example/n/01ja'],
  },
  'pixelfed-undo-follow': {
    source: 'after the same: the Follow has another id here than when it was sent',
    becomes: [
      'Undo of Follow https://pixelfed.example/users/gina#follows/700000000000000001 of https://pixelfed.example/users/gina at https://ap.example/u/01j9',
    ],
  },
  'pleroma-actor': {
    source: SOURCE,
    becomes: ['@dora@pleroma.example, Dora, 1 key, https://pleroma.example/inbox'],
  },
  'pleroma-create-chat-message': { source: SOURCE, becomes: ['direct note', 'hello from a chat'] },
  'pleroma-create-note': {
    source: SOURCE,
    becomes: [
      'direct note',
      'in answer to https://ap.example/n/01ja',
      'see picture',
      'https://pleroma.example/media/s.png',
    ],
  },
  'pleroma-emoji-react': { source: SOURCE, becomes: ['EmojiReact 👍 of https://ap.example/n/01ja'] },
  'snac-accept': {
    source: SNAC,
    becomes: [
      'Accept of Follow https://ap.example/f/01jb of https://ap.example/u/01j9 at https://snac.example/carol',
    ],
  },
  'snac-actor': { source: SNAC, becomes: ['@carol@snac.example, carol, 1 key, no shared inbox'] },
  'snac-announce': { source: SNAC, becomes: ['Announce of https://ap.example/n/01ja'] },
  'snac-create': {
    source: SNAC,
    becomes: ['direct note', 'in answer to https://ap.example/n/01ja', 'Loud and clear.'],
  },
  'snac-create-mention-in-cc': { source: SNAC, becomes: ['direct note', 'before'] },
  'snac-delete-note': { source: SNAC, becomes: ['Delete of https://snac.example/carol/p/1795870463.046317'] },
  'snac-follow': { source: SNAC, becomes: ['Follow of https://ap.example/u/01j9'] },
  'snac-like': { source: SNAC, becomes: ['Like of https://ap.example/n/01ja'] },
  'snac-undo-follow-forgotten': {
    source: SNAC,
    becomes: ['Undo of Follow without an id of https://snac.example/carol at https://ap.example/u/01j9'],
  },
  'snac-undo-like': {
    source: SNAC,
    becomes: [
      'Undo of Like https://snac.example/carol/l/cf2be8fc4b9cbd1a90d695b0e22602ce of https://snac.example/carol at https://ap.example/n/01ja',
    ],
  },
  'snac-update-note': {
    source: SNAC,
    becomes: ['an edit', 'direct note', 'in answer to https://ap.example/n/01ja', 'I think so.'],
  },
  'snac-update-person': {
    source: SNAC,
    becomes: ['the profile of https://snac.example/carol: Carol the Second'],
  },
  'wordpress-actor': {
    source: 'after includes/model/class-user.php of Automattic/wordpress-activitypub',
    becomes: ['@jane@blog.example, Jane, 1 key, https://blog.example/wp-json/activitypub/1.0/inbox'],
  },
  'wordpress-create-article': {
    source:
      'after includes/transformer/class-post.php, class-base.php and includes/activity/ of Automattic/wordpress-activitypub',
    becomes: [
      'public note',
      '*Rye, slowly*\n\nasked how long it takes.\n\nThree days.\n\n(public post: https://blog.example/2026/11/21/rye-slowly/ – your answer stays private)',
      'https://blog.example/wp-content/uploads/bread.jpg',
    ],
  },
  'wordpress-create-comment': {
    source: 'after includes/transformer/class-comment.php of Automattic/wordpress-activitypub',
    becomes: [
      'public note',
      'in answer to https://ap.example/n/01ja',
      'cold, overnight.\n\n(public post: https://blog.example/?c=9 – your answer stays private)',
    ],
  },
};
