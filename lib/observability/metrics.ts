import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { EVENTS, type EventName } from './events';

/** The step that a route takes on a verification. */
export type Step = 'send' | 'resend' | 'verify';

const FACTORS = ['passkey', 'totp', 'recovery-code'] as const;

/** What a route verifies a number with, besides codes by phone. */
export type FactorName = (typeof FACTORS)[number];

/** One answered request. */
export interface Answered {
  /**
   * Path of the file in pages/, never the path that the client typed: clients can type any number of different ones.
   */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
}

/**
 * The country and channel of a step, as far as they are known, and the outcome: `sent`, `verified` or an error code.
 */
export interface Outcome {
  readonly country: string | undefined;
  readonly channel: string | undefined;
  readonly outcome: string;
}

/** Names that are counted from zero, and functions that are called when somebody requests the metrics. */
export interface Sources {
  /** Names of everything that can refuse a request. */
  readonly limits: readonly string[];
  /** Everything that the guard can object to. */
  readonly objections: readonly { readonly verdict: string; readonly by: string }[];
  readonly webhookOutcomes: readonly string[];
  /** Webhooks that wait, by lane. */
  readonly waitingWebhooks: () => Readonly<Record<string, number>>;
  readonly isBreakerOpen: () => boolean;
  /** True if the store is this process's memory. */
  readonly isStoreConnected: () => boolean;
  /** Global limits, and how much of each is used: 0 to 1; at 1 the limit refuses. */
  readonly usedOfLimits: () => Readonly<Record<string, number>>;
}

/** Counts and times for operators, in Prometheus's terms; docs/operations.md lists them. */
export interface Metrics {
  /** Whether anybody can request the metrics. */
  readonly areRead: boolean;
  readonly contentType: string;
  /** All metrics, in Prometheus's text format. */
  text(): Promise<string>;
  answered(request: Answered): void;
  step(step: Step, outcome: Outcome): void;
  /** A verification with a factor other than a code by phone ended: `verified`, or the error code. */
  factor(factor: FactorName, outcome: string): void;
  /** A number was verified without a message. */
  messageSaved(): void;
  /** A step that a client asked for: an application of OpenID Connect, or a program with an API key. */
  clientStep(client: string, step: Step, outcome: string): void;
  limitHit(limit: string): void;
  /** The server sent a message that the guard would have stopped, if it were enforced. */
  objection(verdict: string, reason: string): void;
  event(name: EventName): void;
  /** An attempt to deliver a webhook ended, or one was dropped. */
  webhook(outcome: string): void;
  upstream(operation: string, outcome: string, seconds: number): void;
  store(operation: string, outcome: string, seconds: number): void;
  /** Call it once, as soon as the sources exist. */
  watch(sources: Sources): void;
}

/** Seconds. Infobip's deadline is 30 s unless the configuration says otherwise. */
const CALL_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Seconds. The store gives up a command after 250 ms unless the configuration says otherwise. */
const STORE_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5];

const UNKNOWN = 'unknown';
/** Any word can be a method, so all methods without a handler count as `other`. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS']);

const nameOf = (name: string) => `phone_verification_${name}`;

function createInstruments(registers: Registry[]) {
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter<L>({ name: nameOf(name), help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[], buckets: number[]) =>
    new Histogram<L>({ name: nameOf(name), help, labelNames, buckets, registers });
  const subject = ['country', 'channel', 'outcome'] as const;
  const call = ['operation', 'outcome'] as const;
  return {
    requests: histogram(
      'request_duration_seconds',
      'API requests answered.',
      ['route', 'method', 'status'],
      CALL_BUCKETS,
    ),
    sends: counter('sends_total', 'Requests for messages: sent, or the error code.', ['operation', ...subject]),
    verifications: counter('verifications_total', 'Attempts on codes: verified, or the error code.', subject),
    factors: counter(
      'factor_verifications_total',
      'Verifications with a passkey, an authenticator app or a recovery code: verified, or the error code.',
      ['factor', 'outcome'],
    ),
    saved: counter(
      'messages_saved_total',
      'Verifications with a factor other than a code by phone that needed no message.',
      [],
    ),
    clients: counter('client_requests_total', 'Steps for a client: sent, verified, or the error code.', [
      'client',
      'operation',
      'outcome',
    ]),
    upstream: histogram('upstream_duration_seconds', 'Calls to Infobip, by outcome.', call, CALL_BUCKETS),
    store: histogram('store_duration_seconds', 'Operations of the store.', call, STORE_BUCKETS),
    limits: counter('limits_hit_total', 'Requests that a limit refused.', ['limit']),
    objections: counter(
      'guard_objections_total',
      'Messages sent that the guard would have stopped, if it were enforced.',
      ['verdict', 'reason'],
    ),
    events: counter('security_events_total', 'Events by name, as in the log.', ['event']),
    webhooks: counter('webhook_deliveries_total', 'Attempts to deliver webhooks, and webhooks dropped.', ['outcome']),
  };
}

const nothing = () => undefined;

/** Used in place of metrics that nobody can request: counting costs every request a few percent. */
export const NO_METRICS: Metrics = {
  areRead: false,
  contentType: Registry.PROMETHEUS_CONTENT_TYPE,
  text: async () => '',
  answered: nothing,
  step: nothing,
  factor: nothing,
  messageSaved: nothing,
  clientStep: nothing,
  limitHit: nothing,
  objection: nothing,
  event: nothing,
  webhook: nothing,
  upstream: nothing,
  store: nothing,
  watch: nothing,
};

/** The process's metrics. Create them once: Next gives each route its own instances of modules. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const instruments = createInstruments([registry]);
  const { requests, sends, verifications, factors, saved, clients } = instruments;
  const { upstream, store, limits, objections, events, webhooks } = instruments;
  collectDefaultMetrics({ register: registry });
  // An alert on an increase needs a zero before the first event.
  for (const event of Object.keys(EVENTS)) events.inc({ event }, 0);
  for (const factor of FACTORS) factors.inc({ factor, outcome: 'verified' }, 0);

  return {
    areRead: true,
    contentType: registry.contentType,
    text: () => registry.metrics(),
    answered: ({ method, status, route, seconds }) =>
      requests.observe({ route, method: METHODS.has(method) ? method : 'other', status: String(status) }, seconds),
    step(step, { country = UNKNOWN, channel = UNKNOWN, outcome }) {
      if (step === 'verify') verifications.inc({ country, channel, outcome });
      else sends.inc({ operation: step, country, channel, outcome });
    },
    factor: (factor, outcome) => factors.inc({ factor, outcome }),
    messageSaved: () => saved.inc(),
    clientStep: (client, operation, outcome) => clients.inc({ client, operation, outcome }),
    limitHit: (limit) => limits.inc({ limit }),
    objection: (verdict, reason) => objections.inc({ verdict, reason }),
    event: (event) => events.inc({ event }),
    webhook: (outcome) => webhooks.inc({ outcome }),
    upstream: (operation, outcome, seconds) => upstream.observe({ operation, outcome }, seconds),
    store: (operation, outcome, seconds) => store.observe({ operation, outcome }, seconds),
    watch({ limits: names, objections: known, webhookOutcomes, ...read }) {
      const { waitingWebhooks, isBreakerOpen, isStoreConnected, usedOfLimits } = read;
      for (const limit of names) limits.inc({ limit }, 0);
      for (const { verdict, by } of known) objections.inc({ verdict, reason: by }, 0);
      for (const outcome of webhookOutcomes) webhooks.inc({ outcome }, 0);
      const flag = (name: string, help: string, isSet: () => boolean) =>
        new Gauge({
          name: nameOf(name),
          help,
          registers: [registry],
          collect() {
            this.set(isSet() ? 1 : 0);
          },
        });
      flag(
        'upstream_breaker_open',
        '1 while the circuit breaker stops calls to Infobip after repeated failures.',
        isBreakerOpen,
      );
      flag('store_connected', '1 while there is a connection to Redis, or if state is in memory.', isStoreConnected);
      new Gauge({
        name: nameOf('webhooks_waiting'),
        help: 'Webhooks that wait for their delivery, as this instance last saw it.',
        labelNames: ['lane'],
        registers: [registry],
        collect() {
          for (const [lane, length] of Object.entries(waitingWebhooks())) this.set({ lane }, length);
        },
      });
      new Gauge({
        name: nameOf('limit_used_ratio'),
        help: 'The used share of a global limit or a budget in its current window, as this instance last saw it.',
        labelNames: ['limit'],
        registers: [registry],
        collect() {
          for (const [limit, ratio] of Object.entries(usedOfLimits())) this.set({ limit }, ratio);
        },
      });
    },
  };
}
