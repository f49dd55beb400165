/** What crosses between the gateway's user and an account of another server. Ids are those of Follows. */
export type Said =
  | { readonly type: 'Follow' | 'Accept' | 'Reject' | 'Undo'; readonly id: string }
  | { readonly type: 'Block' | 'Undo Block'; readonly id: string };

type Relation = { readonly id: string; readonly isAccepted: boolean } | undefined;

/** What an account of another server has to do with the user. It goes by ids, as strictly as any server does. */
export type Peer = {
  /** The user follows the account. */
  readonly follower: Relation;
  /** The account follows the user. */
  readonly following: Relation;
  readonly isBlocking: boolean;
  /** Its person answers each request; otherwise it is accepted at once. */
  readonly isLocked: boolean;
};

export type PeerStep = { readonly peer: Peer; readonly said: readonly Said[] };

export const newPeer = (isLocked: boolean): Peer => ({
  follower: undefined,
  following: undefined,
  isBlocking: false,
  isLocked,
});

/** What the account's server makes of an activity of the user. */
export const hear = (peer: Peer, { type, id }: Said): PeerStep => {
  switch (type) {
    case 'Follow':
      return hearFollow(peer, id);
    case 'Undo':
      return { peer: peer.follower?.id === id ? { ...peer, follower: undefined } : peer, said: [] };
    case 'Accept':
      return {
        peer: peer.following?.id === id ? { ...peer, following: { id, isAccepted: true } } : peer,
        said: [],
      };
    case 'Reject':
      return { peer: peer.following?.id === id ? { ...peer, following: undefined } : peer, said: [] };
    case 'Block':
    case 'Undo Block':
      return { peer, said: [] };
  }
};

const hearFollow = (peer: Peer, id: string): PeerStep => {
  if (peer.isBlocking) return { peer, said: [{ type: 'Reject', id }] };
  const isAccepted = !peer.isLocked || peer.follower?.isAccepted === true;
  return {
    peer: { ...peer, follower: { id, isAccepted } },
    said: isAccepted ? [{ type: 'Accept', id }] : [],
  };
};

export type PersonAct = 'follow' | 'unfollow' | 'accept' | 'reject' | 'block' | 'unblock';

/** What the account's person does; what cannot be done is not done. */
export const act = (peer: Peer, does: PersonAct, newId: string): PeerStep => {
  const { follower, following } = peer;
  switch (does) {
    case 'follow':
      // Also anew under another id, without a word about the first.
      return peer.isBlocking
        ? { peer, said: [] }
        : {
            peer: { ...peer, following: { id: newId, isAccepted: false } },
            said: [{ type: 'Follow', id: newId }],
          };
    case 'unfollow':
      return following === undefined
        ? { peer, said: [] }
        : { peer: { ...peer, following: undefined }, said: [{ type: 'Undo', id: following.id }] };
    case 'accept':
      return follower === undefined || follower.isAccepted
        ? { peer, said: [] }
        : {
            peer: { ...peer, follower: { ...follower, isAccepted: true } },
            said: [{ type: 'Accept', id: follower.id }],
          };
    case 'reject':
      return follower === undefined
        ? { peer, said: [] }
        : { peer: { ...peer, follower: undefined }, said: [{ type: 'Reject', id: follower.id }] };
    case 'block':
      return {
        peer: { ...peer, follower: undefined, following: undefined, isBlocking: true },
        said: [{ type: 'Block', id: newId }],
      };
    case 'unblock':
      return peer.isBlocking
        ? { peer: { ...peer, isBlocking: false }, said: [{ type: 'Undo Block', id: newId }] }
        : { peer, said: [] };
  }
};
