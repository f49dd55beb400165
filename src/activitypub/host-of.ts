/** The host, with its port where that is not the scheme's own, of an absolute http(s) URL; else undefined. */
export const hostOf = (url: string): string | undefined => {
  const parsed = URL.parse(url);
  return parsed !== null && (parsed.protocol === 'https:' || parsed.protocol === 'http:')
    ? parsed.host
    : undefined;
};
