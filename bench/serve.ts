import { z } from 'zod';

/** Answers one kind of question; what it throws reaches who asked. */
export type Answerer = (input: unknown) => Promise<unknown>;

const question = z.object({ id: z.number(), question: z.string(), input: z.unknown().optional() });

/**
 * The other end of `startPart`: answers the questions of the process that started this one, `cpuMs` among
 * them, and leaves, after `stop`, when that one hangs up or is gone.
 */
export const serveQuestions = (
  process: NodeJS.Process,
  answerers: Readonly<Record<string, Answerer>>,
  stop: () => Promise<void> = async () => {},
): void => {
  const answer = async (name: string, input: unknown): Promise<unknown> => {
    if (name === 'cpuMs') {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000;
    }
    const answerer = Object.hasOwn(answerers, name) ? answerers[name] : undefined;
    if (answerer === undefined) throw new Error(`nobody answers ${name}`);
    return answerer(input);
  };
  process.on('message', (message) => {
    const { id, question: name, input } = question.parse(message);
    answer(name, input).then(
      (value) => process.send?.({ id, value }),
      (error: unknown) => process.send?.({ id, error: String(error) }),
    );
  });
  process.on('disconnect', () => void stop().finally(() => process.exit()));
};
