const IMF_FIXDATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/u;

/** An HTTP date (RFC 9110 5.6.7, IMF-fixdate) in milliseconds since 1970, or undefined. */
export const parseHttpDate = (text: string): number | undefined => {
  if (!IMF_FIXDATE.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
};

export const renderHttpDate = (time: Date): string => time.toUTCString();
