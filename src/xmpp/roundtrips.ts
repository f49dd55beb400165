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
  /** Asks somebody else: the result or the error; undefined when neither came within `timeoutMs`. */
  readonly question: (question: Question, timeoutMs: number) => Promise<Element | undefined>;
  /** True when this iq is one of ours come back: then it is dealt with. */
  readonly takeBack: (iq: Element) => boolean;
  /** The connection is gone: nothing will come back. */
  readonly abandon: () => void;
};

/** An iq that waits for its answer (RFC 6120 8.2.3). `to` is a JID as the server will spell it in `from`. */
export type Question = { readonly type: 'get' | 'set'; readonly to: string; readonly payload: Element };

/**
 * An iq (XEP-0199) from the gateway to itself by way of the server. Stanzas of one stream are processed in
 * order (RFC 6120 10.1), so when it is back, whether as the question that the server routed to us or as the
 * server's own result or error, everything written before it has been taken. Questions to others go out from here too:
 * an answer counts only where it comes from who was asked.
 */
export const createRoundtrips = ({ domain, prefix, write }: RoundtripDeps): Roundtrips => {
  const waiting = new Map<string, { readonly from: string; readonly finish: (iq?: Element) => void }>();
  let count = 0;
  const question: Roundtrips['question'] = ({ type, to, payload }, timeoutMs) =>
    new Promise((resolve) => {
      count += 1;
      const id = `${prefix}-${count}`;
      const finish = (iq?: Element): void => {
        clearTimeout(timer);
        waiting.delete(id);
        resolve(iq);
      };
      const timer = setTimeout(() => finish(), timeoutMs);
      waiting.set(id, { from: to, finish });
      if (!write(xml('iq', { type, id, from: domain, to }, payload))) finish();
    });
  return {
    ask: async (timeoutMs) => {
      const payload = xml('ping', { xmlns: NS.ping });
      return (await question({ type: 'get', to: domain, payload }, timeoutMs)) !== undefined;
    },
    question,
    takeBack: (iq) => {
      const { id = '', from, to, type } = iq.attrs;
      const asked = waiting.get(id);
      if (asked === undefined || from !== asked.from || to !== domain) return false;
      // Only a question to ourselves comes back as the question that it is.
      if (from !== domain && type !== 'result' && type !== 'error') return false;
      asked.finish(iq);
      return true;
    },
    abandon: () => {
      for (const { finish } of [...waiting.values()]) finish();
    },
  };
};
