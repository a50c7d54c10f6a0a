import type { Metrics } from '@/lib/observability/metrics';
import { type Observe, timed } from '@/lib/observability/timed';
import type { Dependencies } from '@/lib/verification/dependencies';

/** What took how long in one request, in milliseconds, each summed over its calls. */
export interface Timings {
  upstreamMs: number;
  storeMs: number;
}

/** What a call to Infobip came to is a value: it throws nothing of Infobip's. */
interface CallResult {
  readonly kind: string;
  /** Of a failure: the code of the reply that it becomes. */
  readonly code?: string;
  readonly cause?: { readonly fault: string };
}

/**
 * The services for one request: what it waits for is measured, and added to its timings. Not by an AsyncLocalStorage, which
 * slows every promise of the process down on Node 20.
 */
export function timedServices<S extends Dependencies & { readonly metrics: Metrics }>(
  services: S,
  timings: Timings,
): S {
  const { metrics } = services;
  const onStore: Observe = (operation, ended, seconds) => {
    timings.storeMs += seconds * 1000;
    metrics.store(operation, 'value' in ended ? 'ok' : 'error', seconds);
  };
  const onUpstream: Observe = (operation, ended, seconds) => {
    timings.upstreamMs += seconds * 1000;
    const result: CallResult = 'value' in ended ? (ended.value as CallResult) : { kind: 'INTERNAL_ERROR' };
    // Not a call: nothing was asked of Infobip.
    if (result.cause?.fault !== 'breaker-open') metrics.upstream(operation, result.code ?? result.kind, seconds);
  };
  return {
    ...services,
    store: timed(services.store, onStore),
    rateLimits: timed(services.rateLimits, onStore),
    twoFactor: timed(services.twoFactor, onUpstream),
  };
}
