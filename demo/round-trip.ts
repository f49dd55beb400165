import type { EventLog } from '../test/support/event-log.ts';
import type { Say } from './narrate.ts';
import type { Person, Seen } from './person.ts';

export type Ends = {
  readonly say: Say;
  readonly person: Person;
  /** What the Fediverse person sees. */
  readonly atFediverse: EventLog<Seen>;
  /** What the XMPP user sees. */
  readonly atXmpp: EventLog<Seen>;
  /** The XMPP user's JID, and what types for them. */
  readonly user: string;
  readonly send: (to: string, body: string) => Promise<void>;
  /** The person's JID at the gateway. */
  readonly contact: string;
};

/** snac looks at its queues every 3 seconds, and a first contact needs several looks. */
const WAIT_MS = 30_000;

/**
 * One message each way, told as it happens. `token` makes both texts unlike those of an earlier run.
 * Rejects with a sentence that says which of the two did not arrive.
 */
export async function exchangeMessages(ends: Ends, token: string): Promise<void> {
  const { say, person, contact, user } = ends;
  const question = `Hello ${person.name}, this is Alice. Do you read me? (${token})`;
  say(`${user} types to ${contact}: ${question}`);
  await ends.send(contact, question);
  const note = await ends.atFediverse
    .waitFor(({ text }) => text.includes(token), `direct note at ${person.handle}`, WAIT_MS)
    .catch(explain(`The message of ${user} did not arrive at @${person.handle}`));

  const answer = `I do, Alice. Greetings from the Fediverse! (${token})`;
  say(`@${person.handle} answers: ${answer}`);
  await person.reply(note.id, answer);
  await ends.atXmpp
    .waitFor(
      ({ from, text }) => bareJid(from) === contact && text.includes(token),
      `chat message from ${contact}`,
      WAIT_MS,
    )
    .catch(explain(`The answer of @${person.handle} did not arrive at ${user} as a message from ${contact}`));
}

const bareJid = (jid: string): string => jid.split('/')[0] ?? jid;

function explain(sentence: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`${sentence}: ${error instanceof Error ? error.message : String(error)}.`, {
      cause: error,
    });
  };
}
