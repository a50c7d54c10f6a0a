/** Ratios of requests per second at 10 connections, numerator first. */
export const RATIOS = {
  'send-memory/empty': ['send-memory', 'empty'],
  'send-redis/empty': ['send-redis', 'empty'],
  'verify-memory/empty': ['verify-memory', 'empty'],
  'verify-redis/empty': ['verify-redis', 'empty'],
  'health/empty': ['health', 'empty'],
  'refused-number/empty': ['refused-number', 'empty'],
  'send-memory/tutorial': ['send-memory', 'tutorial-send'],
  'send-redis/tutorial': ['send-redis', 'tutorial-send'],
  'verify-memory/tutorial': ['verify-memory', 'tutorial-verify'],
  'verify-redis/tutorial': ['verify-redis', 'tutorial-verify'],
  'send-memory/better-auth-sqlite': ['send-memory', 'better-auth-sqlite-send'],
  'verify-memory/better-auth-sqlite': ['verify-memory', 'better-auth-sqlite-verify'],
  'send-memory/bare': ['send-memory', 'bare-send'],
  'send-memory/one-call': ['send-memory', 'one-call'],
  'one-call/empty': ['one-call', 'empty'],
  'tutorial/empty': ['tutorial-send', 'empty'],
} as const satisfies Record<string, readonly [string, string]>;

/** The project's targets: at least this much. */
export const TARGETS: Readonly<Record<string, number>> = {
  'send-memory/empty': 0.65,
  'send-redis/empty': 0.52,
  'verify-memory/empty': 0.62,
  'health/empty': 0.92,
  'refused-number/empty': 0.8,
  'send-memory/tutorial': 1.5,
  'send-redis/tutorial': 1.25,
  'send-memory/better-auth-sqlite': 4,
  'send-memory-many-pending/few': 0.9,
  'send-redis-many-pending/few': 0.9,
};

/** The ratios of best rounds that the check compares. Each must reach this share of the published one. */
export const CHECKED = ['health/empty', 'send-memory/empty', 'verify-memory/empty'] as const;
export const SLACK = 0.8;

/** Milliseconds above the upstream's own, in memory and on Redis alike. */
export const LATENCY_TARGETS = { p50: 2, p99: 8 } as const;
