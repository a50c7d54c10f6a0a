type Method = (...args: never[]) => unknown;

/** Told of each call that has ended: its value, or that it threw, and how long it took. */
export type Observe = (operation: string, ended: { value: unknown } | { error: unknown }, seconds: number) => void;

function timedMethod(operation: string, method: Method, observe: Observe): Method {
  return (...args) => {
    const startedAt = performance.now();
    const returned = method(...args);
    if (!(returned instanceof Promise)) return returned;
    const took = () => (performance.now() - startedAt) / 1000;
    return returned.then(
      (value) => {
        observe(operation, { value }, took());
        return value;
      },
      (error) => {
        observe(operation, { error }, took());
        throw error;
      },
    );
  };
}

/** The same object, with its asynchronous methods timed. Its methods must not need `this`. */
export const timed = <T extends object>(target: T, observe: Observe): T =>
  Object.fromEntries(
    Object.entries(target).map(([name, member]) => [
      name,
      typeof member === 'function' ? timedMethod(name, member as Method, observe) : (member as unknown),
    ]),
  ) as T;
