import { xml } from '@xmpp/component';
import type { Element } from './element.ts';
import { NS } from './namespaces.ts';

export type RoundtripDeps = {
  /** The component's JID: the asker and the asked. */
  readonly domain: string;
  /** Makes the ids of this process different from those of the one before it. */
  readonly prefix: string;
  /** False when nothing can be written. */
  readonly write: (iq: Element) => boolean;
};

export type Roundtrips = {
  /** Asks ourselves through the server; true when it came back within `timeoutMs`. */
  readonly ask: (timeoutMs: number) => Promise<boolean>;
  /** True when this iq is one of ours come back: then it is dealt with. */
  readonly takeBack: (iq: Element) => boolean;
  /** The connection is gone: nothing will come back. */
  readonly abandon: () => void;
};

/**
 * An iq (XEP-0199) from the gateway to itself by way of the server. Stanzas of one stream are processed in
 * order (RFC 6120 10.1), so when it is back, whether as the question that the server routed to us or as the
 * server's own result or error, everything written before it has been taken.
 */
export const createRoundtrips = ({ domain, prefix, write }: RoundtripDeps): Roundtrips => {
  const waiting = new Map<string, (isBack: boolean) => void>();
  let count = 0;
  return {
    ask: (timeoutMs) =>
      new Promise((resolve) => {
        count += 1;
        const id = `${prefix}-${count}`;
        const finish = (isBack: boolean): void => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(isBack);
        };
        const timer = setTimeout(() => finish(false), timeoutMs);
        waiting.set(id, finish);
        const ping = xml('ping', { xmlns: NS.ping });
        if (!write(xml('iq', { type: 'get', id, from: domain, to: domain }, ping))) finish(false);
      }),
    takeBack: ({ attrs }) => {
      if (attrs['from'] !== domain || attrs['to'] !== domain) return false;
      const finish = waiting.get(attrs['id'] ?? '');
      finish?.(true);
      return finish !== undefined;
    },
    abandon: () => {
      for (const finish of [...waiting.values()]) finish(false);
    },
  };
};
