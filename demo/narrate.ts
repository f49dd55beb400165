/** Tells the person at the terminal one thing that happened. */
export type Say = (sentence: string) => void;

/** Writes each sentence as one line with the local time before it; further lines of a sentence are indented below. */
export function createNarrator(write: (text: string) => void, now: () => Date): Say {
  return (sentence) => {
    const time = now().toTimeString().slice(0, 8);
    write(`${time}  ${sentence.replaceAll('\n', `\n${' '.repeat(time.length + 2)}`)}\n`);
  };
}
