export type Bell = { readonly ring: () => void; readonly wait: (maxMs: number) => Promise<void> };

/** A ring while nobody waits ends the next wait at once, so none is missed. */
export const createBell = (): Bell => {
  let hasRung = false;
  let wakeUp: (() => void) | undefined;
  return {
    ring: () => {
      hasRung = true;
      wakeUp?.();
    },
    wait: async (maxMs) => {
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, maxMs);
          wakeUp = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      hasRung = false;
      wakeUp = undefined;
    },
  };
};
