/**
 * The outcome of some work, or an error when it takes longer: what then still comes of it is dropped, so the
 * work must be harmless when it ends late.
 */
export const within = async <T>(ms: number, work: Promise<T>): Promise<T> => {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no end after ${ms / 1000} s`)), ms);
  // When the time is over first, nobody listens to the work any more.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};
