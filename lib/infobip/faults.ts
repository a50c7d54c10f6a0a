/**
 * Why there is no usable reply. `refused`, `dns`, `connect-timeout`, `tls`: no connection. `reset`: the connection
 * broke. `deadline`: the whole call took too long. `too-large`: the reply exceeds a megabyte. `breaker-open`: the
 * breaker stopped the call after repeated failures.
 */
export type Fault = 'refused' | 'dns' | 'connect-timeout' | 'tls' | 'reset' | 'deadline' | 'too-large' | 'breaker-open';

/** A call to Infobip that got no usable reply. Contains no part of the request, so it is safe to log. */
export class TransportError extends Error {
  readonly fault: Fault;
  /** False if the request certainly never left; true if Infobip may have carried it out. */
  readonly written: boolean;
  /** The system's error code, such as `ECONNRESET`. */
  readonly code: string | undefined;
  /** Whole seconds until the breaker lets a call through. */
  readonly retryAfterSeconds: number | undefined;

  constructor(fault: Fault, details: { written: boolean; code?: string | undefined; retryAfterSeconds?: number }) {
    super(fault);
    this.name = 'TransportError';
    this.fault = fault;
    this.written = details.written;
    this.code = details.code;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}
