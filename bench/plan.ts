import type { LatencyOptions } from './measure/latency';
import type { Rounds } from './measure/rates';

/** How much to measure. */
export interface Plan {
  readonly rates: readonly Rounds[];
  /**
   * Requests of each kind before the rounds. A count and not a time, because V8 optimizes what runs often, and a fixed
   * time would leave slow contenders colder than fast ones.
   */
  readonly warmUpRequests: number;
  readonly latency: LatencyOptions;
  readonly bootRounds: number;
  readonly pageRounds: number;
  /** How many sends, and verifies, to count for the cost to an instance and to Redis. */
  readonly costRequests: number;
  /** Whether to measure what takes minutes: stores with a million verifications, 20,000 requests, idle times. */
  readonly isFull: boolean;
  /** With how many verifications in progress to count bytes. A single one would not show in a heap or in Redis. */
  readonly pending: readonly number[];
}

/** The number of connections in the rounds for every ratio. */
export const RATIO_CONNECTIONS = 10;

/** After this many requests of a kind, a server hardly gets any faster. */
export const WARM_UP_REQUESTS = 6000;

export const FULL: Plan = {
  rates: [
    { connections: 10, rounds: 10, ms: 1000 },
    { connections: 1, rounds: 5, ms: 1000 },
    { connections: 50, rounds: 5, ms: 1000 },
  ],
  warmUpRequests: WARM_UP_REQUESTS,
  latency: { repeats: 3, ms: 6000 },
  bootRounds: 5,
  pageRounds: 5,
  costRequests: 10_000,
  isFull: true,
  pending: [1000, 100_000, 1_000_000],
};

export const QUICK: Plan = {
  rates: [
    { connections: 10, rounds: 5, ms: 400 },
    { connections: 1, rounds: 2, ms: 300 },
    { connections: 50, rounds: 2, ms: 300 },
  ],
  warmUpRequests: 1500,
  latency: { repeats: 1, ms: 2000 },
  bootRounds: 1,
  pageRounds: 1,
  costRequests: 1500,
  isFull: false,
  pending: [1000, 10_000],
};

/** The rounds of the check: many short ones. */
export const CHECK: Rounds = { connections: RATIO_CONNECTIONS, rounds: 9, ms: 300 };
