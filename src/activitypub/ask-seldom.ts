/**
 * Wraps a costly question that strangers may cause: its answer serves for `everyMs`, and whoever asks while it is
 * under way waits for the same one. A failure is passed on and not kept. `now` is monotonic, in milliseconds.
 */
export const askSeldom = <T>(
  ask: () => Promise<T>,
  { everyMs, now }: { readonly everyMs: number; readonly now: () => number },
): (() => Promise<T>) => {
  let last: { readonly answer: Promise<T>; readonly at: number } | undefined;
  return () => {
    if (last !== undefined && now() - last.at < everyMs) return last.answer;
    const asked = { answer: ask(), at: now() };
    last = asked;
    asked.answer.catch(() => {
      if (last === asked) last = undefined;
    });
    return asked.answer;
  };
};
