/**
 * True when some string of the document is a URL of ours: a recipient, a mention, what it answers. A Create
 * at the shared inbox without any has nobody here to be shown to, and is not stored (a person whom our users
 * follow sends all their posts). `json` was parsed with a bounded depth and size.
 */
export const concernsUs = (json: unknown, origin: string): boolean => {
  const prefix = `${origin}/`;
  const open: unknown[] = [json];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') {
      if (value.startsWith(prefix)) return true;
    } else if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) open.push(inner);
    }
  }
  return false;
};
