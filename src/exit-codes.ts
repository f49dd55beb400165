/** How the process tells its caller what happened: the numbers of sysexits.h. */
export const EXIT = {
  ok: 0,
  /** A command ran and found something wrong (a failed check of `doctor`, an address that is nobody's). */
  found: 1,
  /** EX_USAGE: the command line cannot be understood. */
  usage: 64,
  /** EX_UNAVAILABLE: something that the program needs is missing, Node 22.19 say. */
  unavailable: 69,
  /** EX_SOFTWARE: a bug, or broken infrastructure; an event loop that stood still. */
  software: 70,
  /** EX_TEMPFAIL: the orderly stop took too long. */
  tempfail: 75,
  /** EX_CONFIG: the configuration cannot be used. A restart does not help. */
  config: 78,
} as const;
