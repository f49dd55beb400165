import type { HostilePeer } from '../../support/hostile-peer.ts';
import type { HostileRequest, Signing } from '../../support/hostile-request.ts';

/** What an attack knows of the world. All actors live at `peer`, unless told. */
export type Scene = {
  readonly peer: HostilePeer;
  /** Another server, with the actor `stranger`. */
  readonly other: HostilePeer;
  readonly domain: string;
  /** The actor id of the one user of ours. */
  readonly alice: string;
  /** Who attacks, known to the gateway, and two whom it would like to speak for. */
  readonly mallory: string;
  readonly victim: string;
  readonly stranger: string;
  /** A note of the victim that Alice was shown, a note of hers, and the id of a follow of hers that waits. */
  readonly shown: string;
  readonly ours: string;
  readonly follow: string;
  /** A URL at `peer`. */
  readonly at: (path: string) => string;
  /** A Create of a note to Alice whose text is the mark. */
  readonly note: (mark: string, object?: object, outer?: object, author?: string) => Record<string, unknown>;
  /** A POST by the actor of that name, signed; text goes out as it is. */
  readonly signed: (by: string, activity: unknown, changes?: Partial<Signing>) => HostileRequest;
};

/**
 * One attack over HTTP. Unless told otherwise it changes no row of the database, asks the peers for nothing, posts
 * nothing and shows nothing: the runner looks.
 */
export type Attack = {
  /** The number in `entries.ts`. */
  readonly entry: number;
  readonly name: string;
  /** What the peer says to those who ask. */
  readonly prepare?: (scene: Scene, mark: string) => void;
  readonly send: (scene: Scene, mark: string) => HostileRequest;
  readonly status: number | readonly number[];
  /** Tables that may change: what was let in is kept until it has come to nothing. */
  readonly may?: readonly string[];
  /** How often the peers may be asked for something, at most. */
  readonly asks?: number;
  /** What is rightly said is shown all the same: the whole text of the one message, as it stands in the XML. */
  readonly shows?: (mark: string) => string | RegExp;
};

/** An activity that is rightly signed is let in, and comes to nothing. */
export const LET_IN = { status: 202, may: ['inbox', 'tombstones'] } as const;

/** A note that is shown: what it leads to is the attack, and stays where it is. */
export const SHOWN = { status: 202, may: ['inbox', 'messages', 'chats', 'stanzas'] } as const;

/** What the text of `Scene.note` is shown as. */
export const itsMark = (mark: string): string => mark;
