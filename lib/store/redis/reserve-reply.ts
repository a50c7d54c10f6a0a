import { z } from 'zod';
import type { Privacy } from '@/lib/privacy';
import type { Demand, Granted, Refusal } from '@/lib/store/limits';
import type { Scope, VerificationRecord } from '@/lib/store/verifications';
import { openRecord, recordReply } from './sealed-record';

const scope = z.custom<Scope>((value) => typeof value === 'string');
const usage = z.array(z.object({ name: z.string(), used: z.number(), leftMs: z.number() }));

/** What a reservation's script says. */
export const reserveReply = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('granted'),
    takenAt: z.number(),
    record: recordReply.optional(),
    scope: scope.optional(),
    method: z.string().optional(),
    locks: z.boolean(),
    usage: usage.optional(),
  }),
  z.object({
    kind: z.literal('limited'),
    waitMs: z.number(),
    by: z.string().optional(),
    record: recordReply.optional(),
  }),
  z.object({ kind: z.literal('locked'), waitMs: z.number().optional(), record: recordReply.optional() }),
  z.object({ kind: z.literal('missing') }),
  z.object({ kind: z.enum(['expired', 'busy', 'exhausted']), record: recordReply }),
]);

export type ReserveReply = z.infer<typeof reserveReply>;
export type GrantedReply = Extract<ReserveReply, { kind: 'granted' }>;
export type RefusedReply = Exclude<ReserveReply, GrantedReply>;

type Open = (record: z.infer<typeof recordReply> | undefined) => VerificationRecord | undefined;

const opener =
  (privacy: Privacy, { about }: Demand): Open =>
  (record) =>
    record && 'verification' in about ? openRecord(privacy, about.verification, record) : undefined;

export const usageOf = ({ usage: used = [] }: GrantedReply): Granted['usage'] =>
  used.map(({ name, used: count, leftMs }) => ({ name, used: count, endsAt: Date.now() + leftMs }));

/** @param known the record, where it was read before */
export function toRefusal(privacy: Privacy, demand: Demand, reply: RefusedReply, known?: VerificationRecord): Refusal {
  if (reply.kind === 'missing') return reply;
  const record = known ?? opener(privacy, demand)(reply.record);
  if (reply.kind === 'limited') return { kind: 'limited', waitMs: reply.waitMs, by: reply.by, record };
  if (reply.kind === 'locked') return { kind: 'locked', waitMs: reply.waitMs, record };
  // One that cannot be opened: somebody else wrote into it.
  return record ? { kind: reply.kind, record } : { kind: 'missing' };
}

/** Undefined where the verification cannot be opened: somebody else wrote into it. */
export function toGranted(privacy: Privacy, demand: Demand, reply: GrantedReply): Granted | undefined {
  const record = opener(privacy, demand)(reply.record);
  const subject = 'subject' in demand.about ? demand.about.subject : record?.subject;
  if (subject === undefined) return undefined;
  const { scope: reservedScope = 'strangers', method = '', locks, takenAt } = reply;
  return {
    kind: 'granted',
    held: { demand, subject, scope: reservedScope, method, takenAt },
    record,
    locks,
    usage: usageOf(reply).filter(({ name }) => demand.terms.everyone.some((row) => row.name === name)),
  };
}
