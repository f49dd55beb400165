/** Places for what waits for somebody else's server: so many for each asker, and so many all together. */
export type Places = {
  /** False where every place is taken. */
  readonly enter: (sender: string) => boolean;
  readonly leave: (sender: string) => void;
};

export const createPlaces = ({
  perSender,
  total,
}: {
  readonly perSender: number;
  readonly total: number;
}): Places => {
  const bySender = new Map<string, number>();
  let taken = 0;
  return {
    enter: (sender) => {
      const mine = bySender.get(sender) ?? 0;
      if (mine >= perSender || taken >= total) return false;
      bySender.set(sender, mine + 1);
      taken += 1;
      return true;
    },
    leave: (sender) => {
      const rest = (bySender.get(sender) ?? 0) - 1;
      if (rest > 0) bySender.set(sender, rest);
      else bySender.delete(sender);
      taken -= 1;
    },
  };
};
