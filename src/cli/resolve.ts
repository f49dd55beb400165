import { createFederation } from '../app-federation.ts';
import { openStoreWithKeys } from '../app-store.ts';
import type { RemoteActor } from '../bridge/actor.ts';
import { handleToJid, renderHandle } from '../bridge/address.ts';
import { parseFindTarget } from '../bridge/find-target.ts';
import type { Outcome } from '../bridge/outcome.ts';
import { refusalText } from '../bridge/sentences.ts';
import { cleanLine } from '../bridge/text.ts';
import { urlsOf } from '../bridge/urls.ts';
import { readVersion } from '../version.ts';
import type { Answer, Commands } from './commands.ts';

/** Looks an actor up as the gateway does, past all caches, and shows what was found. */
export const resolve: Commands['resolve'] = async (config, log, text) => {
  const target = parseFindTarget(text, config.domain);
  if (target === undefined)
    return failed('Give a handle (@bob@mastodon.example), a JID of this gateway or the URL of an actor.');
  const store = await openStoreWithKeys(config, log, { share: true });
  const federation = createFederation(config, store, urlsOf(config.publicUrl), readVersion());
  try {
    const found =
      target.kind === 'url'
        ? await federation.lookUp.fetchActor(target.url)
        : await federation.lookUp.resolveHandle(target.handle);
    return toAnswer(found, config.domain);
  } finally {
    await federation.close();
    await store.close();
  }
};

/** What a stranger's server says must not steer the admin's terminal. */
const shown = (lines: readonly string[]): readonly string[] => lines.map((line) => cleanLine(line));

const failed = (sentence: string): Answer => ({ ok: false, lines: [sentence], data: { error: sentence } });

const toAnswer = (found: Outcome<RemoteActor>, domain: string): Answer => {
  if (!found.ok) return failed(refusalText(found.refusal));
  const actor = found.value;
  const handle = renderHandle(actor.handle);
  const jid = handleToJid(actor.handle, domain) ?? null;
  return {
    ok: true,
    lines: shown([
      `Handle        ${handle}`,
      `JID           ${jid ?? 'none: this name cannot be a JID'}`,
      `Actor         ${actor.id} (${actor.type})`,
      `Inbox         ${actor.inbox}`,
      `Shared inbox  ${actor.sharedInbox ?? 'none'}`,
      `Keys          ${actor.keys.map(({ id }) => id).join(', ') || 'none'}`,
    ]),
    data: { handle, jid, actor: actor.id, type: actor.type, inbox: actor.inbox },
  };
};
