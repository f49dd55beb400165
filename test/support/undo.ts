/** What has to be taken back, in the reverse of the order in which it was done. */
export type UndoStack = {
  add(step: () => unknown): void;
  /** Takes everything back, also where a step fails; then rejects with the first failure. Idempotent. */
  run(): Promise<void>;
};

export function createUndoStack(): UndoStack {
  const steps: (() => unknown)[] = [];
  return {
    add(step) {
      steps.push(step);
    },
    async run() {
      const failures: unknown[] = [];
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
        try {
          await step();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
