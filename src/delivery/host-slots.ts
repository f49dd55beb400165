/** How many deliveries are under way to each host, so that a slow one never has them all. */
export type HostSlots = {
  readonly begin: (host: string) => void;
  readonly end: (host: string) => void;
  /** For each host with something under way: how many more may go there. */
  readonly room: () => ReadonlyMap<string, number>;
};

/** @param perHost at once to one host */
export const createHostSlots = (perHost: number): HostSlots => {
  const busy = new Map<string, number>();
  return {
    begin: (host) => {
      busy.set(host, (busy.get(host) ?? 0) + 1);
    },
    end: (host) => {
      const left = (busy.get(host) ?? 0) - 1;
      if (left > 0) busy.set(host, left);
      else busy.delete(host);
    },
    room: () => new Map([...busy].map(([host, count]) => [host, Math.max(perHost - count, 0)])),
  };
};
