import { z } from 'zod';
import type { Privacy } from '@/lib/privacy';
import type { Demand, Granted, Refusal } from '@/lib/store/limits';
import type { Scope, VerificationRecord } from '@/lib/store/verifications';
import { openRecord, recordReply } from './sealed-record';

const scope = z.custom<Scope>((value) => typeof value === 'string');
const usage = z.array(z.object({ name: z.string(), used: z.number(), cost: z.number(), leftMs: z.number() }));
/** Numbers as text, because Redis's JSON rounds them. */
const taken = z.partialRecord(
  z.enum(['address', 'site', 'network', 'range', 'block', 'country', 'waits']),
  z.coerce.number(),
);
const challenge = z.object({ by: z.string(), level: z.number(), waitMs: z.number() });

/** The reply from a reservation's script. */
export const reserveReply = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('granted'),
    takenAt: z.number(),
    record: recordReply.optional(),
    scope: scope.optional(),
    method: z.string().optional(),
    locks: z.boolean(),
    usage: usage.optional(),
    taken: taken.optional(),
    objection: z.object({ verdict: z.enum(['block', 'challenge']), by: z.string() }).optional(),
    /** The challenge that was due, and that the pass answers. */
    challenge: challenge.optional(),
    /** The pass was used before, and did not count. */
    isSpent: z.boolean().optional(),
    isPassUsed: z.boolean(),
    isNewCountry: z.boolean().optional(),
    customers: z.number().optional(),
  }),
  challenge.extend({ kind: z.literal('challenge'), record: recordReply.optional() }),
  z.object({ kind: z.literal('no-calls'), record: recordReply.optional() }),
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
  used.map(({ leftMs, ...one }) => ({ ...one, endsAt: Date.now() + leftMs }));

/** @param known the record, if an earlier step has read it */
export function toRefusal(privacy: Privacy, demand: Demand, reply: RefusedReply, known?: VerificationRecord): Refusal {
  if (reply.kind === 'missing') return reply;
  const record = known ?? opener(privacy, demand)(reply.record);
  if (reply.kind === 'limited') return { kind: 'limited', waitMs: reply.waitMs, by: reply.by, record };
  if (reply.kind === 'challenge') {
    const { by, level, waitMs } = reply;
    return { kind: 'challenge', by, level, waitMs, record };
  }
  if (reply.kind === 'no-calls') return { kind: 'no-calls', record };
  if (reply.kind === 'locked') return { kind: 'locked', waitMs: reply.waitMs, record };
  // The record cannot be opened: somebody else wrote into it.
  return record ? { kind: reply.kind, record } : { kind: 'missing' };
}

/** Leaves out a pass that the message did not need, so that a release does not give it back. */
export const withPass = (demand: Demand, isUsed: boolean): Demand =>
  isUsed || !demand.pass ? demand : { ...demand, pass: undefined };

/** Undefined if the verification cannot be opened because somebody else wrote into it. */
export function toGranted(privacy: Privacy, demand: Demand, reply: GrantedReply): Granted | undefined {
  const record = opener(privacy, demand)(reply.record);
  const subject = 'subject' in demand.about ? demand.about.subject : record?.subject;
  if (subject === undefined) return undefined;
  const { scope: reservedScope = 'strangers', method = '', locks, takenAt, objection, customers } = reply;
  const destination = 'subject' in demand.about ? demand.about.destination : record?.destination;
  return {
    kind: 'granted',
    held: {
      demand: withPass(demand, reply.isPassUsed),
      subject,
      scope: reservedScope,
      method,
      destination,
      taken: reply.taken ?? {},
      isNewCountry: reply.isNewCountry ?? false,
      takenAt,
    },
    record,
    locks,
    usage: usageOf(reply),
    objection,
    customers,
  };
}
