/** Told of each call that has ended: its value, or that it threw, and how long it took. */
export type Observe = (operation: string, ended: { value: unknown } | { error: unknown }, seconds: number) => void;

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

/** The same object, with its asynchronous methods timed. Light enough to be made for each request. */
export function timed<T extends object>(target: T, observe: Observe): T {
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
