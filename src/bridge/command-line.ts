/** What somebody wrote to the gateway itself. */
export type CommandLine = {
  /** The first word, lower case. */
  readonly name: string;
  /** All behind it, trimmed, at most `MAX_REST` characters. */
  readonly rest: string;
};

/** A bio is the longest thing that anybody says to the gateway. */
const MAX_REST = 5_000;

/** A first word and the rest; a slash or an exclamation mark in front is of a habit from elsewhere. */
export const parseCommandLine = (body: string): CommandLine => {
  const text = body.trim();
  const end = text.search(/\s/u);
  const word = end < 0 ? text : text.slice(0, end);
  return {
    name: word.replace(/^[/!]/u, '').toLowerCase(),
    rest: end < 0 ? '' : text.slice(end).trim().slice(0, MAX_REST),
  };
};
