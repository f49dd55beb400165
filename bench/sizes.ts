/** How much of everything is measured. */
export type Sizes = {
  /** Rounds of floor and gateway in turn; the middle one counts. */
  readonly rounds: number;
  /** Before the first round, so that the compiler has seen the code. */
  readonly warmUp: number;
  /** Of one round. */
  readonly requests: number;
  readonly deliveries: number;
  readonly stanzas: number;
  /** Messages each way, one at a time. */
  readonly messages: number;
};

export const QUICK: Sizes = {
  rounds: 1,
  warmUp: 100,
  requests: 400,
  deliveries: 300,
  stanzas: 1_000,
  messages: 10,
};

export const WHOLE: Sizes = {
  rounds: 3,
  warmUp: 1_000,
  requests: 4_000,
  deliveries: 3_000,
  stanzas: 6_000,
  messages: 200,
};

/** Remote actors that everybody knows before it begins; each is a lane of its own in the queues. */
export const PEERS = 200;
/** Requests of the load, and deliveries of the floor, that are open at once. */
export const IN_FLIGHT = { requests: 64, deliveries: 16 } as const;
/** The sink listens under so many origins: the gateway opens few connections to each. */
export const SINK_ORIGINS = 4;
