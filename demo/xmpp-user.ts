import { Parser } from 'htmlparser2';
import { type ClientEvent, connectClient, type XmppClient } from '../test/support/xmpp-client.ts';
import type { Seen } from './person.ts';

/** An XMPP account with a client that is logged in. */
export type XmppUser = {
  /** Bare. */
  readonly jid: string;
  send(to: string, body: string): void;
  /**
   * Calls `onSeen` with each message that reaches the account, and `onTyped` with each that another client of the
   * account sends; until the client is closed.
   */
  listen(onSeen: (seen: Seen) => void, onTyped: (to: string, text: string) => void): void;
  close(): Promise<void>;
};

export type Account = {
  readonly jid: string;
  readonly password: string;
  readonly host: string;
  readonly port: number;
};

/** Message carbons show what the account's other clients send and get (XEP-0280 4). */
const ENABLE_CARBONS = '<iq type="set" id="carbons"><enable xmlns="urn:xmpp:carbons:2"/></iq>';
/** The longest time that a timer of Node can hold, 24 days. */
const FOR_EVER_MS = 2_147_483_647;

/** Logs in with slixmpp, a client library that nobody of this project wrote. */
export async function logIn(account: Account): Promise<XmppUser> {
  const client = await connectClient(account);
  client.send({ do: 'raw', xml: ENABLE_CARBONS });
  return {
    jid: account.jid,
    send: (to, body) => client.send({ do: 'send', to, body }),
    listen(onSeen, onTyped) {
      void listenUntilClosed(client, account.jid, onSeen, onTyped);
    },
    close: () => client.close(),
  };
}

async function listenUntilClosed(
  client: XmppClient,
  jid: string,
  onSeen: (seen: Seen) => void,
  onTyped: (to: string, text: string) => void,
): Promise<void> {
  const matters = ({ event }: ClientEvent) => event === 'message' || event === 'closed';
  for (;;) {
    const event = await client.next(matters, FOR_EVER_MS);
    if (event.event === 'closed') return;
    const shown = readMessage(event.xml ?? '', jid);
    if (shown?.direction === 'sent') onTyped(shown.to, shown.text);
    else if (shown !== undefined) onSeen({ id: '', from: shown.from, text: shown.text });
  }
}

export type ShownMessage = {
  readonly direction: 'sent' | 'received';
  readonly from: string;
  readonly to: string;
  readonly text: string;
};

/**
 * A message stanza as a client would show it: a carbon is what it carries, an error is its text, and one without a
 * body is undefined. Only the account itself may send carbons (XEP-0280 11): from others they are nothing.
 */
export function readMessage(xml: string, account: string): ShownMessage | undefined {
  const messages: { from: string; to: string }[] = [];
  let direction: ShownMessage['direction'] = 'received';
  let isError = false;
  let inside = '';
  const texts = { body: '', text: '' };
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        inside = localName(name);
        if (inside === 'sent') direction = 'sent';
        if (inside !== 'message') return;
        if (attributes['type'] === 'error') isError = true;
        messages.push({ from: attributes['from'] ?? '', to: attributes['to'] ?? '' });
      },
      ontext(part) {
        if (inside === 'body' || inside === 'text') texts[inside] += part;
      },
      onclosetag() {
        inside = '';
      },
    },
    { xmlMode: true },
  );
  parser.end(xml);
  const [outer] = messages;
  const shown = messages.at(-1);
  if (outer === undefined || shown === undefined) return undefined;
  if (messages.length > 1 && outer.from !== account) return undefined;
  const text = isError ? `(not delivered) ${texts.text}` : texts.body;
  return text === '' ? undefined : { direction, ...shown, text };
}

/** Namespace prefixes are whatever the one who wrote the XML liked. */
const localName = (name: string): string => name.slice(name.indexOf(':') + 1);
