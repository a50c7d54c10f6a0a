import type { IncomingHttpHeaders } from 'node:http';
import type { NextApiResponse } from 'next';
import type { z } from 'zod';
import type { AppError } from '@/lib/errors';

/** One way to talk to a route: how its body is read, and how is told what came of it. */
export interface Representation {
  /** Whether a body of this kind can be read. */
  readonly takes: (headers: IncomingHttpHeaders) => boolean;
  /**
   * What is to be checked against the schema.
   * @throws {AppError} INVALID_REQUEST
   */
  readonly parse: (bytes: Buffer, schema: z.ZodType) => unknown;
  /** Ends the reply. Without a body there is nothing to tell. */
  readonly succeed: (response: NextApiResponse, body: object | undefined) => void;
  /** Ends the reply. Headers that hold for every error are set already. */
  readonly fail: (response: NextApiResponse, error: AppError) => void;
}

/** @throws {Error} where the bytes are no UTF-8 */
export const decode = (bytes: Buffer): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);
