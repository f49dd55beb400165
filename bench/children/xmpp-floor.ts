import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import { serveQuestions } from '../serve.ts';

// The least that writing stanzas can do: ready text into a socket, and one iq behind it all whose return
// proves that it was taken.

const DOMAIN = 'floor.test';
let socket: Socket | undefined;

const start = async (input: unknown): Promise<void> => {
  const { port } = z.object({ port: z.number() }).parse(input);
  socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  socket.write(`<stream:stream xmlns='jabber:component:accept' to='${DOMAIN}'><handshake>x</handshake>`);
  await until(socket, '<handshake/>');
};

const until = async (from: Socket, text: string): Promise<void> => {
  let received = '';
  while (!received.includes(text)) {
    const [chunk]: unknown[] = await once(from, 'data');
    received += String(chunk);
  }
};

const run = async (input: unknown): Promise<void> => {
  const { count, stanza } = z.object({ count: z.number(), stanza: z.string() }).parse(input);
  if (socket === undefined) throw new Error('not started');
  for (let n = 0; n < count; n += 1) socket.write(stanza);
  socket.write(`<iq type="get" id="b${count}" from="${DOMAIN}" to="${DOMAIN}"><ping/></iq>`);
  await until(socket, `id='b${count}'`);
};

serveQuestions(process, { start, run });
