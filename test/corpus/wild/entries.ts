import type { Becomes } from './becomes.ts';

export type WildEntry = {
  /** Where its form is from. Hosts, people and words are made up. */
  readonly source: string;
  readonly becomes: Becomes;
};

const FEDIFY = 'as @fedify/fedify 2.3.8 sent it to the gateway in a scenario test';
const SNAC = 'as snac 2.75 sent it to the gateway in a scenario test';
const LEMMY = 'crates/apub/assets of LemmyNet/lemmy';
const MISSKEY = 'after packages/backend/src/core/activitypub/ApRendererService.ts of misskey-dev/misskey';
const GOTOSOCIAL = 'after internal/federation/federatingdb of superseriousbusiness/gotosocial';
const NODEBB = 'after src/activitypub/mocks.js of NodeBB/NodeBB';
const RELAY = 'after models/models.go of yukimochi/Activity-Relay';
const THREADS =
  'after seb.jambor.dev/posts/understanding-activitypub-part-4-threads and what the tests of others have of threads.net';
const WRITEFREELY =
  'after activitypub.go and posts.go of writefreely/writefreely and activitystreams/activity.go of writeas/web-core: it has the id of the post';
const SOURCE = 'written after the source of the program';

/** Every document in this folder, where it is from and what becomes of it. */
export const WILD: Readonly<Record<string, WildEntry>> = {
  'akkoma-update-note': {
    source: 'after tests/phpunit/data/create/akkoma-reply.json of Automattic/wordpress-activitypub',
    becomes: [
      'an edit',
      'public note',
      'in answer to https://ap.example/n/01ja',
      'once more\n\n(public post: https://akkoma.example/objects/2ec68a36 – your answer stays private)',
    ],
  },
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
  'bridgy-actor': {
    source: 'after tests/test_activitypub.py of snarfed/bridgy-fed',
    becomes: [
      '@yara.bsky.example@bsky.bridge.example, Yara, 1 key, https://bsky.bridge.example/ap/sharedInbox',
    ],
  },
  'bridgy-create-direct': {
    source: 'after tests/test_integrations.py of snarfed/bridgy-fed',
    becomes: ['direct note', 'Welcome! See the docs (https://bridge.example/docs) for more.'],
  },
  'bridgy-create-reply': {
    source: 'after tests/test_integrations.py of snarfed/bridgy-fed',
    becomes: [
      'public note',
      'in answer to https://ap.example/n/01ja',
      'I hereby reply\n\n(public post: https://bsky.bridge.example/r/https://bsky.example/profile/did:plc:yara/post/456 – your answer stays private)',
    ],
  },
  'discourse-actor': {
    source: 'after discourse/objects/person.json in crates/apub/assets of LemmyNet/lemmy',
    becomes: ['@dee@discourse.example, Dee, 1 key, no shared inbox'],
  },
  'discourse-create-note': {
    source:
      'after discourse/objects/page.json in crates/apub/assets of LemmyNet/lemmy and app/serializers/discourse_activity_pub/ap of discourse/discourse-activity-pub: the actor is told whole',
    becomes: [
      'public note',
      '*Our next meeting*\n\n*Where*\n\n*In the garden*\n\nOn Monday. The rest is here… (https://discourse.example/t/our-next-meeting/4079/1)\n\n(public post: https://discourse.example/t/our-next-meeting/4079/1 – your answer stays private)',
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
  'friendica-create-page': {
    source:
      'after friendica/activities/create_page_1.json in crates/apub/assets of LemmyNet/lemmy: the url is what it links to',
    becomes: [
      'unlisted note',
      '*Beans that climb*\n\nWorth a read.\n\n(unlisted post: https://friendica.example/objects/e5c7 – your answer stays private)',
      'https://news.example/2026/beans',
    ],
  },
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
  'ghost-create-article': {
    source:
      'after src/helpers/activitypub/__snapshots__/article-create-activity.json of TryGhost/ActivityPub',
    becomes: [
      'public note',
      '*Shade*\n\nWhat grows in the shade.\n\n*Ferns*\n\nThey do.\n\n(public post: https://ghost.example/shade/ – your answer stays private)',
    ],
  },
  'ghost-create-note': {
    source:
      'after src/helpers/activitypub/__snapshots__/note-with-mentions-create-activity.json of TryGhost/ActivityPub',
    becomes: [
      'public note',
      'Hello! @alice@ap.example\n\n(public post: https://ghost.example/.ghost/activitypub/note/6e36a7e3-f6b5-403a-bf40-3b8b1850afd9 – your answer stays private)',
    ],
  },
  'gotosocial-accept-reply': {
    source: 'after docs/federation/interaction_policy.md of superseriousbusiness/gotosocial',
    becomes: ['Accept of Note https://ap.example/n/01ja'],
  },
  'gotosocial-accept-reply-request': {
    source: GOTOSOCIAL,
    becomes: [
      'Accept of ReplyRequest https://ap.example/a/01jc of https://ap.example/u/01j9 at https://gts.example/users/erin/statuses/01HN',
    ],
  },
  'gotosocial-actor': {
    source: SOURCE,
    becomes: ['@erin@gts.example, Erin, 1 key, https://gts.example/inbox'],
  },
  'gotosocial-announce-request': {
    source: GOTOSOCIAL,
    becomes: ['nothing (AnnounceRequest)'],
  },
  'gotosocial-create-comment': {
    source: 'after tests/phpunit/data/create/gotosocial-reply.json of Automattic/wordpress-activitypub',
    becomes: [
      'public note',
      'in answer to https://ap.example/n/01ja',
      'quite so\n\n(public post: https://gts.example/@erin/statuses/01HP – your answer stays private)',
    ],
  },
  'gotosocial-create-direct': { source: SOURCE, becomes: ['direct note', 'hello @alice@ap.example'] },
  'gotosocial-delete': {
    source: SOURCE,
    becomes: ['Delete of https://gts.example/users/erin/statuses/01HN'],
  },
  'gotosocial-like-request': {
    source: GOTOSOCIAL,
    becomes: ['nothing (LikeRequest)'],
  },
  'gotosocial-reject-reply': {
    source: 'after docs/federation/interaction_policy.md of superseriousbusiness/gotosocial',
    becomes: ['Reject of something https://ap.example/n/01ja'],
  },
  'gotosocial-reply-request': {
    source: GOTOSOCIAL,
    becomes: ['nothing (ReplyRequest)'],
  },
  'hollo-create-quote': {
    source: 'after src/federation/post.ts of fedify-dev/hollo',
    becomes: [
      'public note',
      'like this one\n\n(quotes https://other.example/users/zoe/statuses/9)\n(public post: https://hollo.example/@holly/0192c81b – your answer stays private)',
    ],
  },
  'hubzilla-actor': {
    source: 'after hubzilla/objects/person.json in crates/apub/assets of LemmyNet/lemmy',
    becomes: ['@hans@hub.example, Hans, 1 key, https://hub.example/inbox'],
  },
  'hubzilla-create-note': {
    source: 'after hubzilla/activities/create_page.json in crates/apub/assets of LemmyNet/lemmy',
    becomes: [
      'public note',
      '*First Monday*\n\ntoday is a holiday\n\n(public post: https://hub.example/item/b69c1864-5562-4e1d-9b0e-094feebf1501 – your answer stays private)',
    ],
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
  'lemmy-create-page': {
    source:
      'after lemmy/activities/create_or_update/create_page.json in crates/apub/assets of LemmyNet/lemmy',
    becomes: [
      'public note',
      '*Beans that climb*\n\nWorth a read.\n\n(public post: https://lemmy.example/post/8 – your answer stays private)',
      'https://news.example/2026/beans',
    ],
  },
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
  'lemmy-group-actor': {
    source: 'after lemmy/objects/group.json in crates/apub/assets of LemmyNet/lemmy',
    becomes: ['@garden@lemmy.example, Garden, 1 key, https://lemmy.example/inbox'],
  },
  'lemmy-undo-delete': {
    source: 'after lemmy/activities/private_message/undo_delete.json in crates/apub/assets of LemmyNet/lemmy',
    becomes: [
      'Undo of Delete https://lemmy.example/activities/delete/3 of https://lemmy.example/u/frank at https://lemmy.example/private_message/2',
    ],
  },
  'loops-create-video': {
    source:
      'after app/Federation/ActivityBuilders/CreateActivityBuilder.php of joinloops/loops-server: a video is a Note',
    becomes: [
      'public note',
      'in the garden\n\n(public post: https://loops.example/v/abc – your answer stays private)',
      'https://loops.example/m/7.mp4',
    ],
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
  'mastodon-add-featured': {
    source: 'after app/serializers/activitypub/add_note_serializer.rb of mastodon/mastodon: it has no id',
    becomes: ['nothing (Add)'],
  },
  'mastodon-add-featured-collection': {
    source:
      'after app/serializers/activitypub/add_featured_collection_serializer.rb of mastodon/mastodon: it has no id',
    becomes: ['nothing (Add)'],
  },
  'mastodon-announce': {
    source: 'after app/serializers/activitypub/announce_note_serializer.rb of mastodon/mastodon',
    becomes: ['Announce of https://ap.example/n/01ja'],
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
  'mastodon-create-question': {
    source: 'after app/serializers/activitypub/note_serializer.rb of mastodon/mastodon',
    becomes: ['direct note', 'which day suits you?'],
  },
  'mastodon-create-quote': {
    source: 'after app/serializers/activitypub/note_serializer.rb of mastodon/mastodon',
    becomes: [
      'public note',
      'this is what I meant\n\n(quotes https://other.example/@zoe/9)\n(public post: https://mastodon.example/@Bob/113000000000000002 – your answer stays private)',
    ],
  },
  'mastodon-create-vote': {
    source: 'after app/serializers/activitypub/vote_serializer.rb of mastodon/mastodon',
    becomes: [
      'direct note',
      'in answer to https://ap.example/n/01ja',
      '(no text: https://mastodon.example/users/bob#votes/12)',
    ],
  },
  'mastodon-delete': {
    source: SOURCE,
    becomes: ['Delete of https://mastodon.example/users/bob/statuses/113000000000000001'],
  },
  'mastodon-delete-person': { source: SOURCE, becomes: ['Delete of https://mastodon.example/users/bob'] },
  'mastodon-feature-request': {
    source:
      'after app/serializers/activitypub/feature_request_serializer.rb of mastodon/mastodon: it has no actor',
    becomes: ['refused: an activity without a usable actor'],
  },
  'mastodon-flag': {
    source:
      'after app/serializers/activitypub/flag_serializer.rb of mastodon/mastodon; the one who reports is the instance',
    becomes: ['Flag of https://ap.example/u/01j9 https://ap.example/n/01ja: they write too often'],
  },
  'mastodon-follow': { source: SOURCE, becomes: ['Follow of https://ap.example/u/01j9'] },
  'mastodon-move': {
    source: 'after app/serializers/activitypub/move_serializer.rb of mastodon/mastodon',
    becomes: ['Move to https://other.example/users/bob2'],
  },
  'mastodon-quote-request': {
    source: 'after app/serializers/activitypub/quote_request_serializer.rb of mastodon/mastodon',
    becomes: ['QuoteRequest of https://ap.example/n/01ja'],
  },
  'mastodon-undo-follow': {
    source: SOURCE,
    becomes: [
      'Undo of Follow https://mastodon.example/1f2e3d4c-0000-4000-8000-000000000001 of https://mastodon.example/users/bob at https://ap.example/u/01j9',
    ],
  },
  'mastodon-update-note': {
    source: 'after app/serializers/activitypub/update_note_serializer.rb of mastodon/mastodon',
    becomes: ['an edit', 'direct note', 'in answer to https://ap.example/n/01ja', 'at eight, not at seven'],
  },
  'mbin-actor': {
    source:
      'after docs.joinmbin.org/fediverse_developers and src/Factory/ActivityPub/PersonFactory.php of MbinOrg/mbin',
    becomes: ['@mila@mbin.example, Mila, 1 key, https://mbin.example/f/inbox'],
  },
  'mbin-create-chat-message': {
    source:
      'after tests/Unit/ActivityPub/Outbox/JsonSnapshots/CreateTest__testCreateMessage__1.json of MbinOrg/mbin',
    becomes: ['direct note', 'hello from a magazine'],
  },
  'mbin-create-page': {
    source:
      'after tests/Unit/ActivityPub/Outbox/JsonSnapshots/CreateTest__testCreateEntryWithUrlAndImage__1.json of MbinOrg/mbin',
    becomes: [
      'public note',
      '*Beans that climb*\n\n(public post: https://mbin.example/m/garden/t/8 – your answer stays private)',
      'https://mbin.example/media/a8/1c/b.png',
      'https://news.example/2026/beans',
    ],
  },
  'mbin-flag': {
    source: 'after mbin/activities/flag.json in crates/apub/assets of LemmyNet/lemmy',
    becomes: ['Flag of https://ap.example/n/01ja https://ap.example/u/01j9: advertisements'],
  },
  'misskey-actor': {
    source: SOURCE,
    becomes: ['@miso@misskey.example, undefined, 1 key, https://misskey.example/inbox'],
  },
  'misskey-announce': {
    source: MISSKEY,
    becomes: ['Announce of https://ap.example/n/01ja'],
  },
  'misskey-create-question': {
    source:
      'after packages/backend/src/core/activitypub/ApRendererService.ts of misskey-dev/misskey: an empty warning is a space without width, and what it answers here is told whole',
    becomes: ['direct note', 'in answer to https://misskey.example/notes/9note00001', 'tea or coffee?'],
  },
  'misskey-create-quote': {
    source: MISSKEY,
    becomes: [
      'public note',
      'look at this\n\nRE: https://other.example/users/zoe/statuses/9\n\n(public post: https://misskey.example/notes/9note00002 – your answer stays private)',
    ],
  },
  'misskey-create-specified': { source: SOURCE, becomes: ['direct note', 'CW: weather\n\nit rains'] },
  'misskey-delete': { source: SOURCE, becomes: ['Delete of https://misskey.example/notes/9note00001'] },
  'misskey-flag': {
    source:
      'after packages/backend/src/core/activitypub/ApRendererService.ts of misskey-dev/misskey: the one who reports is a user of the system, and what is complained of one user',
    becomes: ['Flag of https://ap.example/u/01j9: they write too often'],
  },
  'misskey-follow-relay': {
    source: MISSKEY,
    becomes: ['Follow of https://www.w3.org/ns/activitystreams#Public'],
  },
  'misskey-like': { source: SOURCE, becomes: ['Like 🍮 of https://ap.example/n/01ja'] },
  'misskey-like-custom': {
    source: MISSKEY,
    becomes: ['Like :blobcat: of https://ap.example/n/01ja'],
  },
  'misskey-undo-like': {
    source: MISSKEY,
    becomes: [
      'Undo of Like https://misskey.example/likes/9like00002 of https://misskey.example/users/9abcdefghi at https://ap.example/n/01ja',
    ],
  },
  'mitra-actor': {
    source: 'after mitra_activitypub/src/actors/builders.rs of mitra, as external-mirrors/mitra has it',
    becomes: ['@mo@mitra.example, Mo, 2 keys, no shared inbox'],
  },
  'mitra-bite': {
    source: 'after mitra_activitypub/src/builders/bite.rs of mitra, as external-mirrors/mitra has it',
    becomes: ['nothing (Bite)'],
  },
  'mitra-create-direct': {
    source:
      'after mitra_activitypub/src/builders/note.rs and create_note.rs of mitra, as external-mirrors/mitra has it',
    becomes: ['direct note', 'as agreed\n\n(quotes https://other.example/users/zoe/statuses/9)'],
  },
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
  'nodebb-actor': {
    source: NODEBB,
    becomes: ['@jo@nodebb.example, Jo, 1 key, https://nodebb.example/inbox'],
  },
  'nodebb-create-note': {
    source: NODEBB,
    becomes: [
      'public note',
      '*Seeds to swap*\n\nhas beans.\n\n(public post: https://nodebb.example/post/7 – your answer stays private)',
      'https://nodebb.example/assets/uploads/files/seeds.pdf',
    ],
  },
  'nodebb-create-private': {
    source: NODEBB,
    becomes: ['direct note', 'hello from a forum'],
  },
  'nodebb-create-reply': {
    source: NODEBB,
    becomes: [
      'public note',
      'in answer to https://ap.example/n/01ja',
      'How many?\n\n(public post: https://nodebb.example/post/8 – your answer stays private)',
    ],
  },
  'owncast-create-note': {
    source: 'after activitypub/outbox/outbox.go and activitypub/apmodels/activity.go of owncast/owncast',
    becomes: [
      'public note',
      'I am live!\n\nPlanting beans\n\n(public post: https://owncast.example/federation/Q3l0 – your answer stays private)',
      'https://owncast.example/preview.gif',
    ],
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
  'pixelfed-add-story': {
    source: 'after app/Transformer/ActivityPub/Verb/CreateStory.php of pixelfed/pixelfed',
    becomes: ['nothing (Add)'],
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
  'relay-actor': {
    source: RELAY,
    becomes: ['@relay@relay.example, A relay, 1 key, no shared inbox'],
  },
  'relay-announce': {
    source: RELAY,
    becomes: ['Announce of https://mastodon.example/users/bob/statuses/113000000000000001'],
  },
  'relay-follow': {
    source: RELAY,
    becomes: ['Follow of https://ap.example/actor'],
  },
  'smithereen-create-comment': {
    source:
      'after smithereen/activities/create_note.json in crates/apub/assets of LemmyNet/lemmy: a mention has no name',
    becomes: [
      'public note',
      'in answer to https://ap.example/n/01ja',
      'So does this work now?\n\n(public post: https://smithereen.example/posts/66561 – your answer stays private)',
    ],
  },
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
  'threads-actor': {
    source: THREADS,
    becomes: ['@tom@threads.example, Tom, 1 key, https://threads.example/ap/inbox/'],
  },
  'threads-create-note': {
    source: THREADS,
    becomes: [
      'public note',
      'in answer to https://ap.example/n/01ja',
      'Good point.\n\n(public post: https://www.threads.example/@tom/post/C8abcdEFgh – your answer stays private)',
    ],
  },
  'threads-like': {
    source: THREADS,
    becomes: ['Like of https://ap.example/n/01ja'],
  },
  'wafrn-create-quote': {
    source:
      'after packages/backend/utils/activitypub/postToJSONLD.ts of gabboman/wafrn: what is empty is left out',
    becomes: [
      'public note',
      'yes!\n\nRE: https://other.example/users/zoe/statuses/9\n\n#beans\n\n(public post: https://wafrn.example/fediverse/post/0d9e8f7a – your answer stays private)',
      'https://media.wafrn.example/1.webp',
    ],
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
  'writefreely-actor': {
    source: 'after activitystreams/person.go of writeas/web-core',
    becomes: ['@will@write.example, Will, 1 key, https://write.example/api/inbox'],
  },
  'writefreely-create-article': {
    source: WRITEFREELY,
    becomes: [
      'public note',
      '*Long rain*\n\nasked how it was.\n\nWet.\n\n(public post: https://write.example/will/long-rain – your answer stays private)',
    ],
  },
  'writefreely-create-note': {
    source:
      'after activitypub.go and posts.go of writefreely/writefreely and activitystreams/activity.go of writeas/web-core: a name that nobody gave is how the text begins',
    becomes: [
      'public note',
      'It rained all night, and in the morning the road to the village was gone, and the bridge with it.\n\n(public post: https://write.example/will/it-rained-all-night – your answer stays private)',
    ],
  },
  'writefreely-delete-article': {
    source: WRITEFREELY,
    becomes: ['Delete of https://write.example/api/posts/k3x9'],
  },
  'writefreely-update-article': {
    source: WRITEFREELY,
    becomes: [
      'an edit',
      'public note',
      '*Long rain*\n\nasked how it was.\n\nVery wet.\n\n(public post: https://write.example/will/long-rain – your answer stays private)',
    ],
  },
};
