import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { AppError } from '@/lib/errors';
import type { RouteCall } from './route';

/** How a route talks to one kind of client: how it reads the body, and how it writes the reply. */
export interface Representation {
  /** Whether this representation reads a body of that type. */
  readonly takes: (headers: IncomingHttpHeaders) => boolean;
  /**
   * Parses the body. The caller checks the result against the schema.
   * @throws {AppError} INVALID_REQUEST
   */
  readonly parse: (bytes: Buffer, schema: z.ZodType) => unknown;
  /** Ends the reply; undefined means there is nothing to say. */
  readonly succeed: (call: RouteCall, body: object | undefined) => void;
  /** Ends the reply. The headers that every error carries are already set. */
  readonly fail: (call: RouteCall, error: AppError) => void;
}
