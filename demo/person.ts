import { Parser } from 'htmlparser2';
import type { FedifyPeer } from '../test/support/fedify-peer.ts';
import { FEDIFY_HOST, type Fediverse, SNAC_HOST } from '../test/support/fediverse.ts';
import type { Snac } from '../test/support/snac.ts';

/** A message as the person at one end sees it. */
export type Seen = {
  /** A note's id on the Fediverse; empty where messages have none. */
  readonly id: string;
  /** A handle, or a JID; an actor's URL where its server does not know more. */
  readonly from: string;
  /** Plain text. */
  readonly text: string;
};

/** Somebody on a Fediverse server. */
export type Person = {
  readonly name: string;
  /** Without the leading @. */
  readonly handle: string;
  /** What their server is, in words. */
  readonly server: string;
  /** Calls `listener` with each direct note of somebody else that arrives from now on. */
  listen(listener: (seen: Seen) => void): Promise<() => void>;
  reply(noteId: string, text: string): Promise<void>;
  /** Asks to follow `@name@host`. */
  follow(whom: string): Promise<unknown>;
  /** The end of their server's log, for when something went wrong. */
  tail(lines: number): string;
};

/** The person of the demo: on snac where it can be had, else on the Fedify server. */
export function choosePerson(fediverse: Fediverse): Person {
  return typeof fediverse.snac === 'string' ? onFedify(fediverse.fedify) : onSnac(fediverse.snac);
}

function onSnac(snac: Snac): Person {
  const me = snac.actorId('carol');
  return {
    name: 'Carol',
    handle: `carol@${SNAC_HOST}`,
    server: 'snac2 (a Fediverse server written in C)',
    async listen(listener) {
      const earlier = new Set((await snac.notes('carol')).map((note) => note.id));
      return snac.listen('carol', (note) => {
        if (note.attributedTo === me || earlier.has(note.id)) return;
        void snac.handleOf(note.attributedTo).then((handle) => {
          const from = handle === undefined ? note.attributedTo : `@${handle}`;
          listener({ id: note.id, from, text: htmlToLine(note.content) });
        });
      });
    },
    reply: (noteId, text) => snac.reply('carol', noteId, text),
    follow: (whom) => snac.follow('carol', whom),
    tail: (lines) => snac.tail(lines),
  };
}

function onFedify(peer: FedifyPeer): Person {
  return {
    name: 'Dave',
    handle: `dave@${FEDIFY_HOST}`,
    server: 'The Fedify peer (a small Fediverse server)',
    async listen(listener) {
      return peer.received.listen(({ type, actor, note }) => {
        if (type !== 'Create' || note === undefined) return;
        void nameActor(peer, actor).then((from) =>
          listener({ id: note.id, from, text: htmlToLine(note.content) }),
        );
      });
    },
    async reply(noteId, text) {
      const first = peer.received.entries.find(({ note }) => note?.id === noteId);
      if (first === undefined) throw new Error(`Dave has received no note ${noteId}`);
      await peer.sendDirect('dave', first.actor, text, noteId);
    },
    follow: (whom) => peer.follow('dave', whom),
    tail: (lines) => peer.failures.entries.slice(-lines).join('\n'),
  };
}

async function nameActor(peer: FedifyPeer, actor: string): Promise<string> {
  const document = await peer.lookUp('dave', actor).catch(() => undefined);
  const isNamed = typeof document === 'object' && document !== null && 'preferredUsername' in document;
  return isNamed ? `@${String(document.preferredUsername)}@${new URL(actor).host}` : actor;
}

/** The text of a note on one line, to be shown at a terminal. */
export function htmlToLine(html: string): string {
  let text = '';
  const parser = new Parser({
    ontext(part) {
      text += part;
    },
    onopentagname(name) {
      if (name === 'br' || name === 'p') text += ' ';
    },
  });
  parser.end(html);
  // Whoever writes to the demo shall not write to the terminal with it.
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}
