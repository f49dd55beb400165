import { type OutgoingActivity, type OutgoingNote, PUBLIC } from '../bridge/activity.ts';
import { ACTIVITY_STREAMS, type JsonObject } from './json.ts';

/**
 * Terms beyond ActivityStreams are defined inline: a peer that processes JSON-LD then needs no other
 * document, and one that does not finds the names it knows.
 */
const NOTE_CONTEXT = [
  ACTIVITY_STREAMS,
  {
    sensitive: 'as:sensitive',
    ostatus: 'http://ostatus.org#',
    conversation: 'ostatus:conversation',
    litepub: 'http://litepub.social/ns#',
    directMessage: 'litepub:directMessage',
    gts: 'https://gotosocial.org/ns#',
    interactionPolicy: { '@id': 'gts:interactionPolicy', '@type': '@id' },
    canLike: { '@id': 'gts:canLike', '@type': '@id' },
    canReply: { '@id': 'gts:canReply', '@type': '@id' },
    canAnnounce: { '@id': 'gts:canAnnounce', '@type': '@id' },
    canQuote: { '@id': 'gts:canQuote', '@type': '@id' },
    automaticApproval: { '@id': 'gts:automaticApproval', '@type': '@id' },
    always: { '@id': 'gts:always', '@type': '@id' },
  },
] as const;

/** FEP-044f. */
const QUOTE_CONTEXT = [ACTIVITY_STREAMS, { QuoteRequest: 'https://w3id.org/fep/044f#QuoteRequest' }] as const;

/**
 * Nobody may quote a note of ours (FEP-044f) or boost it, since all are direct; who can see it may like and answer it.
 * COMPAT GoToSocial: before 0.21 it takes a permission that is left out for one that is refused, and before 0.20 it
 * reads `always`.
 */
const interactionPolicy = (author: string): JsonObject => {
  const all = { always: [PUBLIC], automaticApproval: [PUBLIC] };
  const self = { always: [author], automaticApproval: [author] };
  return { canLike: all, canReply: all, canAnnounce: self, canQuote: self };
};

/** A list is always an array, also when it holds one: Pixelfed counts `to` and `cc` to recognise a direct one. */
const noteBody = (note: OutgoingNote): JsonObject => ({
  id: note.id,
  type: note.type,
  attributedTo: note.attributedTo,
  to: note.to,
  cc: note.cc,
  published: note.published,
  url: note.id,
  ...(note.inReplyTo === undefined ? {} : { inReplyTo: note.inReplyTo }),
  context: note.context,
  conversation: note.conversation,
  directMessage: note.to.length === 1 && note.cc.length === 0,
  sensitive: false,
  summary: null,
  content: note.content,
  ...(note.language === undefined ? {} : { contentMap: { [note.language]: note.content } }),
  source: { content: note.source, mediaType: 'text/plain' },
  tag: note.mentions.map(({ href, name }) => ({ type: 'Mention', href, name })),
  attachment: [],
  interactionPolicy: interactionPolicy(note.attributedTo),
});

/** The Note as it stands at its own URL. */
export const renderNote = (note: OutgoingNote): JsonObject => ({
  '@context': NOTE_CONTEXT,
  ...noteBody(note),
});

/**
 * The document of an activity of ours. `to` and `cc` of a Create equal those of its object (Misskey merges
 * the two, Mastodon prefers the object's). Accept, Reject and Undo carry the Follow whole: Misskey resolves
 * what is embedded, Mastodon looks for the id and then for the embedded object.
 */
export const renderActivity = (activity: OutgoingActivity): JsonObject => {
  switch (activity.type) {
    case 'Create': {
      const { id, type, actor, note } = activity;
      return {
        '@context': NOTE_CONTEXT,
        id,
        type,
        actor,
        published: note.published,
        to: note.to,
        cc: note.cc,
        object: noteBody(note),
      };
    }
    case 'Follow': {
      const { id, type, actor, object } = activity;
      return { '@context': ACTIVITY_STREAMS, id, type, actor, object };
    }
    case 'Delete': {
      const { id, type, actor, object } = activity;
      return { '@context': ACTIVITY_STREAMS, id, type, actor, to: [PUBLIC], cc: [], object };
    }
    case 'Accept':
    case 'Reject':
      return withFollow(activity, activity.follow.actor);
    case 'RejectQuote':
      return renderRejectQuote(activity);
    case 'Undo':
      return withFollow(activity, activity.follow.object);
  }
};

/** Mastodon finds the request by its id, or by what is embedded. */
const renderRejectQuote = ({
  id,
  actor,
  request,
}: Extract<OutgoingActivity, { type: 'RejectQuote' }>): JsonObject => ({
  '@context': QUOTE_CONTEXT,
  id,
  type: 'Reject',
  actor,
  to: [request.actor],
  object: {
    id: request.id,
    type: 'QuoteRequest',
    actor: request.actor,
    object: request.object,
    ...(request.instrument === undefined ? {} : { instrument: request.instrument }),
  },
});

const withFollow = (
  { id, type, actor, follow }: Extract<OutgoingActivity, { follow: unknown }>,
  recipient: string,
): JsonObject => ({
  '@context': ACTIVITY_STREAMS,
  id,
  type,
  actor,
  to: [recipient],
  object: { id: follow.id, type: 'Follow', actor: follow.actor, object: follow.object },
});

/** A collection of which nothing is told, neither who nor how many: without `first` Mastodon shows it as hidden. */
export const renderHiddenCollection = (id: string): JsonObject => ({
  '@context': ACTIVITY_STREAMS,
  id,
  type: 'OrderedCollection',
});

/**
 * A collection that anybody may read from end to end, and in which there is nothing: the outbox holds public posts
 * only, `featured` those that are pinned, and nobody here has either.
 */
export const renderEmptyCollection = (id: string): JsonObject => ({
  ...renderHiddenCollection(id),
  totalItems: 0,
  first: `${id}?page=1`,
});

/** Its one page. */
export const renderEmptyPage = (id: string): JsonObject => ({
  '@context': ACTIVITY_STREAMS,
  id: `${id}?page=1`,
  type: 'OrderedCollectionPage',
  partOf: id,
  totalItems: 0,
  orderedItems: [],
});

/** What stays where something was deleted (ActivityStreams vocabulary, Tombstone); served with 410. */
export const renderTombstone = (id: string): JsonObject => ({
  '@context': ACTIVITY_STREAMS,
  id,
  type: 'Tombstone',
});
