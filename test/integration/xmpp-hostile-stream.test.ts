import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generated } from '../corpus/hostile/stanza-generated.ts';
import { type FakeConnection, type FakeServer, startFakeServer } from '../support/fake-xmpp-server.ts';
import { isOnline, QUICK, type TestStream, testStream } from '../support/stream.ts';

const CORPUS = join(import.meta.dirname, '../corpus/hostile');
const files = readdirSync(CORPUS).filter((name) => /^stanza-.*\.xml$/u.test(name));
const stanzas: (readonly [string, string])[] = [
  ...files.map((name) => [name, readFileSync(join(CORPUS, name), 'utf8')] as const),
  ...Object.entries(generated),
];

let server: FakeServer;
let stream: TestStream;
let connection: FakeConnection;
let count = 0;

beforeAll(async () => {
  server = await startFakeServer();
  stream = testStream({
    host: '127.0.0.1',
    port: server.port,
    domain: 'ap.test',
    secret: 'secret',
    timing: QUICK,
  });
  stream.start();
  connection = await server.accepted();
  await stream.untilState(isOnline);
});
afterAll(async () => {
  await stream.stop();
  await server.close();
});

/** Sends a harmless message until one gets through, on this connection or the next one. */
const expectAlive = async (): Promise<void> => {
  count += 1;
  const id = `alive${count}`;
  const arrived = stream.nextStanza((stanza) => stanza.id === id);
  const say = (to: FakeConnection): void =>
    to.write(
      `<message from='bob@xmpp.test/x' to='carol%snac.test@ap.test' id='${id}'><body>x</body></message>`,
    );
  say(connection);
  const isHere = await Promise.race([arrived.then(() => true), connection.closed.then(() => false)]);
  if (isHere) return;
  connection = await server.accepted();
  await stream.untilState(isOnline);
  say(connection);
  await arrived;
};

describe('the hostile corpus', () => {
  test.each(stanzas)('%s does not stop the stream', async (_, xml) => {
    const before = process.cpuUsage();
    connection.write(xml);
    await expectAlive();
    // Seconds of work for one stanza would be a way to stop the gateway too. Of work: not those of other programs.
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(3_000);
  });

  test('holds something', () => {
    expect(files.length).toBeGreaterThanOrEqual(8);
  });
});

test('what arrives does not depend on where packets are cut', async () => {
  await expectAlive();
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 20 }),
      async (text, cuts) => {
        count += 1;
        const id = `cut${count}`;
        const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
        const bytes = Buffer.from(
          `<message from='bob@xmpp.test/x' to='carol%snac.test@ap.test' id='${id}'><body>b${escaped}</body></message>`,
        );
        let at = 0;
        for (const cut of cuts) {
          connection.write(bytes.subarray(at, at + cut));
          at += cut;
          await new Promise((resolve) => setImmediate(resolve));
        }
        connection.write(bytes.subarray(at));
        expect(await stream.nextStanza((stanza) => stanza.id === id)).toMatchObject({ body: `b${text}` });
      },
    ),
    { numRuns: 50 },
  );
});
