import type { Say } from './narrate.ts';
import type { World } from './world.ts';

export type Ends = World & { readonly say: Say };

/** snac looks at its queues every 3 seconds, and a first contact needs several looks. */
const WAIT_MS = 30_000;

/**
 * One message each way, told as it happens. `token` makes both texts unlike those of an earlier run.
 * Rejects with a sentence that says which of the two did not arrive.
 */
export async function exchangeMessages(ends: Ends, token: string): Promise<void> {
  const { say, person, contact, user } = ends;
  const question = `Hello ${person.name}, this is Alice. Do you read me? (${token})`;
  say(`${user.jid} types to ${contact}: ${question}`);
  user.send(contact, question);
  const note = await ends.atFediverse
    .waitFor(({ text }) => text.includes(token), `direct note at ${person.handle}`, WAIT_MS)
    .catch(explain(`The message of ${user.jid} did not arrive at @${person.handle}`));

  const answer = `I do, Alice. Greetings from the Fediverse! (${token})`;
  say(`@${person.handle} answers: ${answer}`);
  await person.reply(note.id, answer);
  await ends.atXmpp
    .waitFor(
      ({ from, text }) => bareJid(from) === contact && text.includes(token),
      `chat message from ${contact}`,
      WAIT_MS,
    )
    .catch(
      explain(`The answer of @${person.handle} did not arrive at ${user.jid} as a message from ${contact}`),
    );
}

const bareJid = (jid: string): string => jid.split('/')[0] ?? jid;

function explain(sentence: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`${sentence}: ${error instanceof Error ? error.message : String(error)}.`, {
      cause: error,
    });
  };
}
