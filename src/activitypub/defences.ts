/**
 * On everything, whoever asks: a browser takes nothing for another type than it says, runs nothing, loads nothing and
 * frames nothing. Pages for people bring a policy of their own.
 */
export const DEFENCES = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'Referrer-Policy': 'no-referrer',
};
