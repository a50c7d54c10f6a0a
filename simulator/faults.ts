import { z } from 'zod';

/** The names of the API's operations, as faults and the request log use them. */
export const OPERATION_NAMES = [
  'send',
  'voice',
  'resend',
  'resend-voice',
  'verify',
  'verifications',
  'applications',
  'templates',
] as const;
export type OperationName = (typeof OPERATION_NAMES)[number];

const status = z.int().min(200).max(599);

/** Faults of a reply. The README's table describes each kind. */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status,
    /** A string goes out unchanged, anything else as JSON. Default: the document's error envelope. */
    body: z.unknown().optional(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  z.strictObject({ kind: z.literal('raw'), body: z.string(), contentType: z.string().optional() }),
  z.strictObject({ kind: z.literal('reply'), body: z.unknown() }),
  z.strictObject({ kind: z.literal('hang') }),
  z.strictObject({ kind: z.literal('trickle') }),
  z.strictObject({ kind: z.literal('reset') }),
  z.strictObject({ kind: z.literal('truncated') }),
  z.strictObject({ kind: z.literal('cut') }),
  z.strictObject({ kind: z.literal('html') }),
  z.strictObject({ kind: z.literal('empty') }),
  z.strictObject({ kind: z.literal('huge') }),
  z.strictObject({
    kind: z.literal('redirect'),
    location: z.string().optional(),
    status: z.int().min(300).max(399).optional(),
  }),
  z.strictObject({ kind: z.literal('delay'), ms: z.int().min(0).max(600_000) }),
  z.strictObject({ kind: z.literal('patch'), fields: z.record(z.string(), z.unknown()) }),
]);
export type Fault = z.infer<typeof faultSchema>;

/** Body of `POST /control/faults`. */
export const plannedFaultSchema = z.strictObject({
  operation: z.enum([...OPERATION_NAMES, 'any']),
  /** How many requests get a faulty reply; 0 means all until reset. */
  times: z.int().min(0).default(1),
  /** Whether to process the request before its reply becomes faulty. */
  processed: z.boolean().default(false),
  fault: faultSchema,
});
export type PlannedFault = z.infer<typeof plannedFaultSchema>;

/** Faults that wait for their requests, in the order in which they were planned. */
export class Faults {
  readonly #planned: (PlannedFault & { left: number })[] = [];

  plan(fault: PlannedFault): void {
    this.#planned.push({ ...fault, left: fault.times === 0 ? Infinity : fault.times });
  }

  /** Takes the first fault for the operation; undefined if none is waiting. */
  take(operation: OperationName): PlannedFault | undefined {
    const index = this.#planned.findIndex((planned) => [operation, 'any'].includes(planned.operation));
    const fault = this.#planned[index];
    if (!fault) return undefined;
    fault.left -= 1;
    if (fault.left === 0) this.#planned.splice(index, 1);
    return fault;
  }

  clear(): void {
    this.#planned.length = 0;
  }
}
