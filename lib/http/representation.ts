import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { AppError } from '@/lib/errors';
import type { RouteCall } from './route';

/** One way to talk to a route: how it reads the body, and how it writes the reply. */
export interface Representation {
  /** Whether a body of this kind can be read. */
  readonly takes: (headers: IncomingHttpHeaders) => boolean;
  /**
   * The body, to check against the schema.
   * @throws {AppError} INVALID_REQUEST
   */
  readonly parse: (bytes: Buffer, schema: z.ZodType) => unknown;
  /** Ends the reply. Without a body there is nothing to say. */
  readonly succeed: (call: RouteCall, body: object | undefined) => void;
  /** Ends the reply. The headers of every error are already set. */
  readonly fail: (call: RouteCall, error: AppError) => void;
}
