import type { Metrics } from './metrics';

/** Called when a call ends, with its value or error, and with its duration. */
type Observe = (operation: string, ended: { value: unknown } | { error: unknown }, seconds: number) => void;

type Methods = Record<string, (...args: unknown[]) => unknown>;

async function ended(operation: string, returned: Promise<unknown>, startedAt: number, observe: Observe) {
  const took = () => (performance.now() - startedAt) / 1000;
  try {
    const value = await returned;
    observe(operation, { value }, took());
    return value;
  } catch (error) {
    observe(operation, { error }, took());
    throw error;
  }
}

/** The object itself or, if metrics are on, a copy whose asynchronous methods are timed. */
function timed<T extends object>(target: T, { areRead }: Metrics, observe: Observe): T {
  if (!areRead) return target;
  const methods = target as unknown as Methods;
  const copy: Record<string, unknown> = { ...methods };
  for (const name in copy) {
    if (typeof copy[name] !== 'function') continue;
    copy[name] = (...args: unknown[]) => {
      const startedAt = performance.now();
      const returned = methods[name]?.(...args);
      return returned instanceof Promise ? ended(name, returned, startedAt, observe) : returned;
    };
  }
  return copy as T;
}

/** One of the stores, with its operations in the metrics. */
export const timedStore = <T extends object>(store: T, metrics: Metrics): T =>
  timed(store, metrics, (operation, result, seconds) =>
    metrics.store(operation, 'value' in result ? 'ok' : 'error', seconds),
  );

/** The outcome of a call to Infobip is a value: the client never throws Infobip's errors. */
interface CallResult {
  readonly kind: string;
  /** For a failure, the error code of the reply. */
  readonly code?: string;
  readonly cause?: { readonly fault: string };
}

/** The calls to Infobip, with each in the metrics. */
export const timedUpstream = <T extends object>(calls: T, metrics: Metrics): T =>
  timed(calls, metrics, (operation, result, seconds) => {
    const { kind, code, cause }: CallResult =
      'value' in result ? (result.value as CallResult) : { kind: 'INTERNAL_ERROR' };
    // This was no call: the breaker stopped it before it reached Infobip.
    if (cause?.fault !== 'breaker-open') metrics.upstream(operation, code ?? kind, seconds);
  });
