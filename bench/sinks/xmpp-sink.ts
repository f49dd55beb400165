import { createServer, type Socket } from 'node:net';
import { portOf } from '../port-of.ts';

/**
 * The server end of XEP-0114 without a server behind it: it shakes hands with anybody, answers every iq and
 * hands over every message as text.
 */
export type XmppSink = {
  readonly port: number;
  /** Writes to the component that is connected. */
  readonly write: (xml: string) => void;
  readonly close: () => void;
};

const HEADER =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='s1'>";

export const startXmppSink = async (onMessage: (xml: string) => void): Promise<XmppSink> => {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    takeStanzas(socket, onMessage);
  });
  return {
    port: await portOf(server),
    write: (xml) => {
      for (const socket of sockets) socket.write(xml);
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};

/** Where the next piece ends that must be acted on, and what it is. */
const ENDS = /<stream:stream[^>]*>|<\/handshake>|<\/message>|<\/iq>|<\/stream:stream>/gu;

const takeStanzas = (socket: Socket, onMessage: (xml: string) => void): void => {
  let received = '';
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    received += text;
    let taken = 0;
    for (const match of received.matchAll(ENDS)) {
      const end = match.index + match[0].length;
      act(socket, match[0], received.slice(taken, end), onMessage);
      taken = end;
    }
    received = received.slice(taken);
  });
};

const act = (socket: Socket, end: string, piece: string, onMessage: (xml: string) => void): void => {
  if (end === '</message>') onMessage(piece);
  else socket.write(answerTo(end, piece));
};

const answerTo = (end: string, piece: string): string => {
  switch (end) {
    case '</iq>': {
      const id = /<iq[^>]* id="([^"]*)"/u.exec(piece)?.[1] ?? '';
      const to = /<iq[^>]* from="([^"]*)"/u.exec(piece)?.[1] ?? '';
      return `<iq type='result' id='${id}' from='${to}' to='${to}'/>`;
    }
    case '</handshake>':
      return '<handshake/>';
    case '</stream:stream>':
      return '</stream:stream>';
    default:
      return HEADER;
  }
};
