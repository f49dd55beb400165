import type { Config } from '../config.ts';
import type { Log } from '../log.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What a command found out: `lines` are for people, `data` is for `--json`. `ok: false` makes the exit code 1. */
export type Answer = { readonly ok: boolean; readonly lines: readonly string[]; readonly data: Json };

/** A running gateway. `stop` is orderly: nothing that was accepted is lost, and it may be called once. */
export type Gateway = { readonly stop: () => Promise<void> };

/**
 * What the command line can start. Each function throws only for bugs, broken infrastructure and a refusal to
 * start (an error named `StartRefusal`, whose message tells an admin the cause and what to do).
 */
export type Commands = {
  readonly runGateway: (config: Config, log: Log) => Promise<Gateway>;
  readonly doctor: (config: Config, log: Log) => Promise<Answer>;
  readonly migrate: (config: Config, log: Log) => Promise<Answer>;
  readonly status: (config: Config, log: Log) => Promise<Answer>;
  /** `target` as it was typed: a handle, a JID or a URL. */
  readonly resolve: (config: Config, log: Log, target: string) => Promise<Answer>;
};
