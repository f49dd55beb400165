/** npm passes a signal on within milliseconds; nobody presses Ctrl-C twice as fast as this. */
const ECHO_MS = 250;

/**
 * Tells a signal that was sent once and arrives twice from a second wish. Ctrl-C at a terminal reaches every
 * process there, and npm, which is one of them, passes it on to what it runs.
 * @param now milliseconds
 * @returns for each signal as it arrives: whether it only repeats the one before
 */
export function createEchoFilter(now: () => number): (signal: string) => boolean {
  let last: { readonly signal: string; readonly at: number } | undefined;
  return (signal) => {
    const at = now();
    if (last !== undefined && last.signal === signal && at - last.at < ECHO_MS) return true;
    last = { signal, at };
    return false;
  };
}
