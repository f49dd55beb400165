import type { StreamOptions } from '../../src/xmpp/stream-options.ts';
import { type FakeScript, type FakeServer, startFakeServer } from './fake-xmpp-server.ts';
import { isOnline, type TestStream, testStream } from './stream.ts';

export const ALICE = 'alice@xmpp.test/phone';
export const CONTACT = 'carol%snac.test@ap.test';

/** Streams to servers of their own that follow a script. */
export const createBench = () => {
  const servers: FakeServer[] = [];
  const streams: TestStream[] = [];
  const open = async (script: FakeScript = {}, fields: Partial<StreamOptions> = {}) => {
    const server = await startFakeServer(script);
    servers.push(server);
    const stream = testStream({
      host: '127.0.0.1',
      port: server.port,
      domain: 'ap.test',
      secret: 'secret',
      ...fields,
    });
    streams.push(stream);
    stream.start();
    return { server, stream };
  };
  return {
    open,
    /** One that has logged in, and the server's end of it. */
    openOnline: async (fields: Partial<StreamOptions> = {}) => {
      const { server, stream } = await open({}, fields);
      const connection = await server.accepted();
      await stream.untilState(isOnline);
      return { server, stream, connection };
    },
    closeAll: async (): Promise<void> => {
      await Promise.all(streams.splice(0).map((stream) => stream.stop()));
      await Promise.all(servers.splice(0).map((server) => server.close()));
    },
  };
};

/** A chat message of Alice's as a server writes it. */
export const message = (body: string, id = 'a1'): string =>
  `<message type='chat' from='${ALICE}' to='${CONTACT}' id='${id}'><body>${body}</body></message>`;
