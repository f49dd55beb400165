export type BenchArguments = { readonly quick: boolean; readonly only: readonly PartName[] };

export const PARTS = ['inbound', 'outbound', 'xmpp', 'latency', 'memory'] as const;
export type PartName = (typeof PARTS)[number];

export const USAGE = `usage: npm run bench [-- [--quick] [${PARTS.join('] [')}]]\n`;

const isPart = (word: string): word is PartName => PARTS.some((part) => part === word);

/** Reads the command line (without node and the script): the parts that are named, else all. */
export const parseArguments = (argv: readonly string[]): BenchArguments | undefined => {
  const words = argv.filter((word) => word !== '--quick');
  const only = words.filter(isPart);
  if (only.length < words.length) return undefined;
  return { quick: words.length < argv.length, only: only.length === 0 ? PARTS : only };
};
