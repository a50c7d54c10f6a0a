import { z } from 'zod';
import { type Fault, TransportError } from './faults';
import { answer } from './replies';

/** What the end of one call says of Infobip as a whole: that it serves, that it does not, or nothing. */
export type Health = 'up' | 'down' | 'unknown';

const DOWN_FAULTS: ReadonlySet<Fault> = new Set<Fault>([
  'refused',
  'dns',
  'connect-timeout',
  'tls',
  'reset',
  'deadline',
]);

/** A gateway answers with these where what is behind it does not (RFC 9110, §15.6.3 to §15.6.5). */
const GATEWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

/** However Infobip fills it. */
const errorEnvelope = z.object({ requestError: z.object({}) });
const jsonObject = z.object({});

/**
 * Reads what the SDK returned. An error in Infobip's own envelope, and a plain 500, are about that one request: anybody can
 * have such a number. Taken for a fault they would let one person stop the service for everybody; taken for a success they
 * would let the same person hide an outage from it. So they say nothing.
 */
export function healthOf(returned: unknown): Health {
  if (returned instanceof TransportError) return DOWN_FAULTS.has(returned.fault) ? 'down' : 'unknown';
  const reply = answer.safeParse(returned).data;
  if (!reply || errorEnvelope.safeParse(reply.data).success) return 'unknown';
  if (GATEWAY_STATUSES.has(reply.status)) return 'down';
  return reply.status === 200 && jsonObject.safeParse(reply.data).success ? 'up' : 'unknown';
}
