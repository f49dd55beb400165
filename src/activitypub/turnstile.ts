/** Lets functions run, in order, so many in one turn of the event loop. */
export type Turnstile = (enter: () => void) => void;

/**
 * At most `perTurn` of what comes runs in one turn of the event loop; the others wait for the next ones, in order. A
 * flood of requests then lies between two steps of a chat message a few at a time, and not all of it. While less
 * comes, nothing waits. `atNextTurn` is `setImmediate`.
 */
export const createTurnstile = (
  perTurn: number,
  atNextTurn: (turn: () => void) => unknown = setImmediate,
): Turnstile => {
  let waiting: (() => void)[] = [];
  let free = perTurn;
  let isTurnAsked = false;
  const askForTurn = (): void => {
    if (isTurnAsked) return;
    isTurnAsked = true;
    atNextTurn(turn);
  };
  const turn = (): void => {
    isTurnAsked = false;
    free = perTurn;
    const now = waiting.slice(0, perTurn);
    waiting = waiting.slice(perTurn);
    free -= now.length;
    if (waiting.length > 0 || free < perTurn) askForTurn();
    for (const enter of now) enter();
  };
  return (enter) => {
    askForTurn();
    if (free === 0 || waiting.length > 0) {
      waiting.push(enter);
      return;
    }
    free -= 1;
    enter();
  };
};
