import { ExponentialBackoff, handleWhen, retry, TaskCancelledError } from 'cockatiel';
import { type Fault, TransportError } from './faults';

/** Faults that certainly happened before anything was written, and that may pass by themselves. */
const UNCONNECTED: ReadonlySet<Fault> = new Set<Fault>(['refused', 'dns', 'connect-timeout']);

const policy = retry(
  handleWhen((error) => error instanceof TransportError && UNCONNECTED.has(error.fault)),
  { maxAttempts: 2, backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 1000 }) },
);

/** Repeats a call at most twice after a connection that was never made, with jittered backoff, inside the deadline. */
export async function retryUnconnected<Reply>(call: () => Promise<Reply>, deadline: AbortSignal): Promise<Reply> {
  try {
    return await policy.execute(call, deadline);
  } catch (error) {
    if (error instanceof TaskCancelledError) throw new TransportError('deadline', { written: false });
    throw error;
  }
}
