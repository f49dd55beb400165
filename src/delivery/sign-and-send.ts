import type { SendResult } from '../bridge/send-result.ts';
import type { ClaimedDelivery } from '../store/deliveries.ts';

/** Answers of a server that could not prove the signature: it has the new key already, or no key at all. */
const UNPROVEN: ReadonlySet<number> = new Set([400, 401, 403]);

const isUnproven = (result: SendResult): boolean => result.kind === 'answered' && UNPROVEN.has(result.status);

export type Signing<Key> = {
  readonly send: (post: {
    readonly inbox: string;
    readonly body: string;
    readonly key: Key;
  }) => Promise<SendResult>;
  /** The key with which an actor of ours signs now. */
  readonly keyOf: (actorId: string) => Promise<Key>;
  /** One with which it signed before; undefined once that is forgotten. */
  readonly oldKeyOf: (actorId: string, oldKey: number) => Promise<Key | undefined>;
  /** Has the actor's key read anew. */
  readonly forgetKey: (actorId: string) => void;
};

/**
 * Makes the function that posts a delivery, signed with the sender's key. One that names an older key is signed with
 * that, and with the present one where the peer takes it for no proof: who has never fetched the actor, or fetched it
 * meanwhile, knows only that. Another process may have made the new key, hence it is read anew.
 */
export const createSignAndSend =
  <Key>({ send, keyOf, oldKeyOf, forgetKey }: Signing<Key>) =>
  async ({
    inbox,
    body,
    sender,
    oldKey,
  }: Pick<ClaimedDelivery, 'inbox' | 'body' | 'sender' | 'oldKey'>): Promise<SendResult> => {
    if (oldKey !== undefined) {
      forgetKey(sender);
      const key = await oldKeyOf(sender, oldKey);
      const result = key && (await send({ inbox, body, key }));
      if (result && !isUnproven(result)) return result;
    }
    return await send({ inbox, body, key: await keyOf(sender) });
  };
