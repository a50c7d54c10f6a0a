import type { Privacy } from '@/lib/privacy';
import { everyoneRows } from '@/lib/store/charges';
import type { Demand, Granted, Held, Refusal } from '@/lib/store/limits';
import type { Destination, Scope, VerificationRecord } from '@/lib/store/verifications';
import { type Ask, type Asks, asksOf } from './asks';
import type { Connection } from './connection';
import { copySubject } from './copy-subject';
import { destinationTag, KEYS } from './keys';
import {
  type GrantedReply,
  type RefusedReply,
  type ReserveReply,
  reserveReply,
  toRefusal,
  usageOf,
  withPass,
} from './reserve-reply';
import { openRecord } from './sealed-record';
import type { RedisVerificationStore } from './verification-store';

type Parts = Omit<Ask, 'token' | 'method'>;

/** The subject of a demand; with `scope` if a verification names it. */
interface SubjectOf {
  readonly subject: string;
  readonly scope: Scope | undefined;
  readonly method: string;
  readonly destination: Destination | undefined;
}

/** The steps that have taken something, to undo in reverse order. */
interface Undo {
  add(undo: () => Promise<unknown>): void;
  run(): Promise<void>;
}

/** Reserves in several steps, each atomic for its group of keys. */
export interface Stepwise {
  reserve(demand: Demand): Promise<Granted | Refusal>;
  release(held: Held): Promise<void>;
  /** A stranger gets the credit back, and the message no longer counts as unverified, whoever requested it. */
  refill(held: Held): Promise<void>;
}

/**
 * On a Redis Cluster, and during a change of the privacy key, one script cannot reach all keys of a reservation. Then
 * each group of keys is one step, in the order address and network, verification, program, subject, destination,
 * everyone. A refusal releases the earlier steps in reverse order, so a caller over its own limit touches nobody else's
 * limits.
 */
export function createStepwise(
  connection: Connection,
  privacy: Privacy,
  verifications: Pick<RedisVerificationStore, 'load'>,
): Stepwise {
  const isRotating = privacy.keyIds.length > 1;
  function keyOf({ shared: [group], program, everyone, verification, subject, credit, destination }: Parts): string {
    const named = group ?? program ?? everyone ?? (verification as { key: string } | undefined) ?? credit?.client?.[0];
    return named?.key ?? (subject as { tag: string } | undefined)?.tag ?? destinationTag(destination?.country ?? '');
  }
  const ask = (demand: Demand, method: string | undefined, parts: Parts): Promise<ReserveReply> =>
    connection.ask(
      reserveReply,
      connection.scriptFor('reserve', demand.terms),
      keyOf(parts),
      JSON.stringify({ token: demand.token, method, ...parts }),
    );

  async function releaseParts(demand: Demand, method: string | undefined, parts: Parts): Promise<number> {
    const asked = JSON.stringify({ token: demand.token, method, ...parts });
    return Number(await connection.run(connection.scriptFor('release', demand.terms), keyOf(parts), asked));
  }

  /** In an order that all instances share, whichever key is their newest. */
  function pseudonymsInOrder(subject: string): readonly string[] {
    const pseudonyms = privacy.pseudonyms('number', subject);
    return privacy.keyIds
      .map((id, i) => [id, pseudonyms[i] ?? ''] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, pseudonym]) => pseudonym);
  }

  function createUndo(): Undo {
    const undone: (() => Promise<unknown>)[] = [];
    return {
      add: (undo: () => Promise<unknown>) => void undone.unshift(undo),
      async run() {
        for (const undo of undone) await undo().catch(() => undefined);
      },
    };
  }

  const verificationPart = ({ verification }: Asks): Parts => ({ shared: [], ...(verification && { verification }) });

  /** Finds the demand's verification and, for an attempt, claims it. */
  async function claimVerification(demand: Demand, key: string, asks: Asks, undo: Undo) {
    const record = await verifications.load(key);
    if (!record) return { kind: 'missing' } as const;
    if (!demand.terms.attempt) return record;
    // Registered before the claim: the demand's token can undo it even if the reply gets lost.
    undo.add(() => releaseParts(demand, undefined, verificationPart(asks)));
    const reply = await ask(demand, undefined, verificationPart(asks));
    if (reply.kind !== 'granted') return reply;
    // This may not be the verification that was read before: a resend may have come in between.
    return (reply.record && openRecord(privacy, key, reply.record)) ?? ({ kind: 'missing' } as const);
  }

  /** A pass counts as used, and a number as locked, if it is under any of the pseudonyms. */
  const together = (first: GrantedReply, next: GrantedReply): GrantedReply => ({
    ...first,
    takenAt: Math.max(first.takenAt, next.takenAt),
    locks: first.locks || next.locks,
    ...((first.isSpent || next.isSpent) && { isSpent: true }),
  });

  /**
   * Takes the subject's part under each of its pseudonyms: during a change of the privacy key, instances that know only
   * one key count only under its pseudonym.
   * @returns the refusal, or the first reply
   */
  async function takeSubject(demand: Demand, about: SubjectOf, takenAt: number, undo: Undo): Promise<ReserveReply> {
    const { subject, method } = about;
    let first: GrantedReply | undefined;
    for (const pseudonym of pseudonymsInOrder(subject)) {
      const scope = first?.scope ?? about.scope;
      const part = asksOf(privacy, demand, scope ? { subject, scope } : undefined, pseudonym).subject;
      const { pass } = demand;
      const forget = (at: number) => releaseParts(demand, method, { shared: [], subject: part, pass, takenAt: at });
      // A message's token undoes this step, even if the answer was lost. An attempt whose step got no answer stays
      // counted.
      if (demand.terms.message) undo.add(() => forget(takenAt));
      const reply = await ask(demand, method, { shared: [], subject: part, pass });
      if (reply.kind !== 'granted') return reply;
      // The windows of this step may have opened later than those of the first step.
      if (!demand.terms.message) undo.add(() => forget(reply.takenAt));
      first = first ? together(first, reply) : reply;
    }
    if (!first) throw new Error('A subject has a pseudonym.');
    return first;
  }

  /** Finds the demand's subject and, for an attempt, claims the verification; otherwise returns the refusal. */
  async function resolve(
    demand: Demand,
    asks: Asks,
    undo: Undo,
  ): Promise<(SubjectOf & { record?: VerificationRecord }) | RefusedReply> {
    const { about } = demand;
    if ('subject' in about) {
      const { subject, destination } = about;
      return { subject, scope: undefined, method: demand.method ?? '', destination };
    }
    const record = await claimVerification(demand, about.verification, asks, undo);
    if ('kind' in record) return record;
    const { subject, scope, destination } = record;
    return { subject, scope, method: demand.method ?? record.method, destination, record };
  }

  /** The part that takes the client's credit. The message's destination decides how much. */
  const clientPart = ({ clientCredit }: Asks, destination: Destination | undefined): Omit<Parts, 'shared'> =>
    clientCredit && destination ? { credit: { ...clientCredit, isStranger: true }, destination } : {};

  const destinationPart = (
    { terms: { credit } }: Demand,
    destination: Destination | undefined,
    isStranger: boolean,
  ): Parts | undefined =>
    credit && destination && { shared: [], credit: { isOfDestination: true, isStranger }, destination };

  const everyonePart = ({ terms }: Demand, { method, destination, scope }: SubjectOf, isNewCountry: boolean): Parts => {
    const isStranger = scope === 'strangers';
    const rows = everyoneRows(terms.everyone, { method, destination, isNewCountry, isStranger });
    return { shared: [], everyone: { key: KEYS.everyone, rows } };
  };

  /** The rows of a program are the same for strangers and devices, in all countries. */
  const programPart = ({ program }: Asks, { destination }: Pick<SubjectOf, 'destination'>): Parts | undefined =>
    program && { shared: [], program, destination };

  /** Takes one part, and adds to `undo` how to give it back. */
  async function takePart(demand: Demand, method: string | undefined, parts: Parts, undo: Undo): Promise<ReserveReply> {
    const { pass } = demand;
    const reply = await ask(demand, method, { ...parts, pass });
    if (reply.kind === 'granted') {
      const { takenAt, taken = {} } = reply;
      undo.add(() => releaseParts(demand, method, { ...parts, takenAt, taken }));
    }
    return reply;
  }

  /**
   * Whether the message's method needs a country that is proven by recently verified codes. If so, check that before
   * taking the client's credit.
   */
  const needsProof = ({ terms: { credit } }: Demand, method: string | undefined) =>
    credit?.proven !== undefined && credit.proven.method === method;

  async function takeAll(asked: Demand, undo: Undo): Promise<Granted | Refusal> {
    const asks = asksOf(privacy, asked);
    const { address, network } = asks;
    // Most messages name no known device, so the first step can take the client's credit as well.
    const isEarly = 'subject' in asked.about && !asked.about.device && !needsProof(asked, asked.method);
    const early = isEarly ? clientPart(asks, 'subject' in asked.about ? asked.about.destination : undefined) : {};
    const nearby = await ask(asked, asked.method, { shared: [address, network], ...early, pass: asked.pass });
    if (nearby.kind !== 'granted') return toRefusal(privacy, asked, nearby);
    const { takenAt } = nearby;
    const costs = { address: true };
    undo.add(() =>
      releaseParts(asked, asked.method, {
        shared: costs.address ? [address, network] : [network],
        ...early,
        takenAt,
        taken: nearby.taken ?? {},
      }),
    );
    const about = await resolve(asked, asks, undo);
    if ('kind' in about) {
      // A request about a missing verification counts against the address, and that count stays.
      costs.address = about.kind === 'busy' || !('isCounted' in asked.about && asked.about.isCounted);
      return toRefusal(privacy, asked, about);
    }
    const { subject, method, destination, record } = about;
    const device = 'subject' in asked.about ? asked.about.device : undefined;
    if (isRotating)
      await copySubject(connection, privacy, subject, about.scope ?? (device ? `device:${device.id}` : 'strangers'));
    const quota = programPart(asks, about);
    const allowed = quota && (await takePart(asked, method, quota, undo));
    if (allowed && allowed.kind !== 'granted') return toRefusal(privacy, asked, allowed, record);
    const own = await takeSubject(asked, about, takenAt, undo);
    if (own.kind !== 'granted') return toRefusal(privacy, asked, own, record);
    if (own.isSpent && nearby.challenge) return { kind: 'challenge', ...nearby.challenge, record };
    // The subject's step has used up the pass, needed or not, because only later steps find out whether a challenge is
    // due.
    const demand = withPass(asked, !own.isSpent);
    const scope = own.scope ?? 'strangers';
    const replies = [nearby, own];
    const isDue = () => replies.some(({ challenge }) => challenge);

    const client: Parts | undefined =
      isEarly || scope !== 'strangers' ? undefined : { shared: [], ...clientPart(asks, destination) };
    const goal = destinationPart(demand, destination, scope === 'strangers');
    const proof =
      goal?.credit && needsProof(demand, method) ? { ...goal, credit: { ...goal.credit, isProof: true } } : undefined;
    // Only the last step finds out whether a wait was needed, so every wait counts.
    const isWaited = demand.pass?.kind === 'waited';
    for (const parts of demand.terms.message ? [proof, client, goal] : []) {
      if (!parts?.credit) continue;
      const reply = await takePart(demand, method, { ...parts, isDue: isWaited || isDue() }, undo);
      if (reply.kind !== 'granted') return toRefusal(privacy, demand, reply, record);
      replies.push(reply);
    }
    const isNewCountry = replies.some((reply) => reply.isNewCountry);
    const everyone = everyonePart(demand, { ...about, scope }, isNewCountry);
    if (everyone.everyone?.rows?.length) {
      const all = await takePart(demand, method, everyone, undo);
      if (all.kind !== 'granted') return toRefusal(privacy, demand, all, record);
      replies.push(all);
    }
    return {
      kind: 'granted',
      held: {
        demand: withPass(demand, isDue() || isWaited),
        subject,
        scope,
        method,
        destination,
        taken: Object.assign({}, ...replies.map(({ taken }) => taken)),
        isNewCountry,
        takenAt: latest(replies),
      },
      record,
      locks: own.locks,
      usage: replies.flatMap(usageOf),
      objection: replies.find(({ objection }) => objection)?.objection,
      customers: replies.find(({ customers }) => customers !== undefined)?.customers,
    };
  }

  /** The nodes' clocks may differ a little. */
  const latest = (replies: readonly GrantedReply[]) => Math.max(...replies.map(({ takenAt }) => takenAt));

  return {
    async reserve(demand) {
      const undo = createUndo();
      try {
        const reserved = await takeAll(demand, undo);
        if (reserved.kind !== 'granted') await undo.run();
        return reserved;
      } catch (error) {
        void undo.run();
        throw error;
      }
    },

    async release({ demand, subject, scope, method, destination, taken, isNewCountry = false, takenAt }) {
      const asks = asksOf(privacy, demand);
      const { pass } = demand;
      const isStranger = scope === 'strangers';
      const parts = pseudonymsInOrder(subject).map(
        (pseudonym) => asksOf(privacy, demand, { subject, scope }, pseudonym).subject,
      );
      // Release the part with the token first: without it the reservation has lapsed.
      const hasClaim = demand.terms.attempt && 'verification' in demand.about;
      if (hasClaim && (await releaseParts(demand, method, verificationPart(asks))) === 0) return;
      const released: number[] = [];
      for (const part of parts) {
        const at = demand.terms.message ? {} : { takenAt };
        released.push(await releaseParts(demand, method, { shared: [], subject: part, pass, ...at }));
      }
      if (released.every((at) => at === 0)) return;
      const about = { subject, scope, method, destination };
      const credit = demand.terms.message
        ? {
            destination: destinationPart(demand, destination, isStranger),
            client: isStranger && clientPart(asks, destination),
          }
        : undefined;
      await releaseParts(demand, method, { ...everyonePart(demand, about, isNewCountry), takenAt });
      const quota = programPart(asks, about);
      if (quota) await releaseParts(demand, method, { ...quota, takenAt });
      if (credit?.destination) await releaseParts(demand, method, { ...credit.destination, taken, takenAt });
      const shared = [asks.address, asks.network];
      await releaseParts(demand, method, { shared, ...(credit?.client || {}), taken, takenAt });
    },

    async refill({ demand, scope, method, destination }) {
      const asks = asksOf(privacy, demand);
      const isStranger = scope === 'strangers';
      const parts = [
        isStranger ? { shared: [], ...clientPart(asks, destination) } : undefined,
        destinationPart(demand, destination, isStranger),
      ];
      const refills = parts.flatMap((part) =>
        part?.credit
          ? [
              connection.run(
                connection.scriptFor('refill', demand.terms),
                keyOf(part),
                JSON.stringify({ ...part, method }),
              ),
            ]
          : [],
      );
      await Promise.all(refills);
    },
  };
}
