/** What one request may still hold in memory; `false` means that there is no room for more. */
export type Reservation = { readonly take: (bytes: number) => boolean; readonly release: () => void };

export type MemoryBudget = { readonly reserve: (key: string) => Reservation };

/**
 * Bounds the bytes that requests hold at the same time, all together and for each key (a client's address): a
 * thousand connections with a body of 1 MiB each would else cost a gigabyte before one signature was looked at.
 */
export const createMemoryBudget = ({
  total,
  perKey,
}: {
  readonly total: number;
  readonly perKey: number;
}): MemoryBudget => {
  const held = new Map<string, number>();
  let sum = 0;
  return {
    reserve: (key) => {
      let mine = 0;
      return {
        take: (bytes) => {
          const ofKey = (held.get(key) ?? 0) + bytes;
          if (sum + bytes > total || ofKey > perKey) return false;
          held.set(key, ofKey);
          sum += bytes;
          mine += bytes;
          return true;
        },
        release: () => {
          const rest = (held.get(key) ?? 0) - mine;
          if (rest > 0) held.set(key, rest);
          else held.delete(key);
          sum -= mine;
          mine = 0;
        },
      };
    },
  };
};
