import type { Privacy } from '@/lib/privacy';
import type { Demand, Granted, Held, Refusal } from '@/lib/store/limits';
import type { Scope, VerificationRecord } from '@/lib/store/verifications';
import { type Ask, type Asks, asksOf } from './asks';
import type { Connection } from './connection';
import { copySubject } from './copy-subject';
import {
  type GrantedReply,
  type RefusedReply,
  type ReserveReply,
  reserveReply,
  toRefusal,
  usageOf,
} from './reserve-reply';
import { openRecord } from './sealed-record';
import type { RedisVerificationStore } from './verification-store';

type Parts = Omit<Ask, 'token' | 'method'>;

/** Whom a demand is about; `scope` where a verification says so. */
interface SubjectOf {
  readonly subject: string;
  readonly scope: Scope | undefined;
  readonly method: string;
}

/** What was taken, to be undone backwards. */
interface Undo {
  add(undo: () => Promise<unknown>): void;
  run(): Promise<void>;
}

/** Reserving in several steps, each atomic for its group of keys. */
export interface Stepwise {
  reserve(demand: Demand): Promise<Granted | Refusal>;
  release(held: Held): Promise<void>;
}

/**
 * On a Redis Cluster, and while the privacy key is being changed, the keys of one reservation are not in reach of one script.
 * Then each group of them is one step, in the order address and network, verification, subject, everyone, and what was taken is
 * released backwards: a caller over its own limit touches nobody else's.
 */
export function createStepwise(
  connection: Connection,
  privacy: Privacy,
  verifications: Pick<RedisVerificationStore, 'load'>,
): Stepwise {
  const isRotating = privacy.keyIds.length > 1;
  const keyOf = ({ shared: [group], verification, subject }: Parts) =>
    (group ?? (verification as { key: string } | undefined))?.key ?? (subject as { tag: string }).tag;
  const ask = (demand: Demand, method: string | undefined, parts: Parts): Promise<ReserveReply> =>
    connection.ask(reserveReply, 'reserve', keyOf(parts), JSON.stringify({ token: demand.token, method, ...parts }));

  async function releaseParts(demand: Demand, method: string | undefined, parts: Parts): Promise<number> {
    const asked = JSON.stringify({ token: demand.token, method, ...parts });
    return Number(await connection.run('release', keyOf(parts), asked));
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

  /** The verification that the demand is about, and its attempt claimed where it is one. */
  async function claimVerification(demand: Demand, key: string, asks: Asks, undo: Undo) {
    const record = await verifications.load(key);
    if (!record) return { kind: 'missing' } as const;
    if (!demand.terms.attempt) return record;
    // Undone by its token, also where it is not known whether it was claimed.
    undo.add(() => releaseParts(demand, undefined, verificationPart(asks)));
    const reply = await ask(demand, undefined, verificationPart(asks));
    if (reply.kind !== 'granted') return reply;
    // Not the one that was read before: a resend may have come between.
    return (reply.record && openRecord(privacy, key, reply.record)) ?? ({ kind: 'missing' } as const);
  }

  /**
   * The subject, under each of its pseudonyms: while the privacy key is being changed, instances that know one key only count there.
   * @returns why it is refused, or the first reply
   */
  async function takeSubject(demand: Demand, about: SubjectOf, takenAt: number, undo: Undo): Promise<ReserveReply> {
    const { subject, method } = about;
    let first: GrantedReply | undefined;
    for (const pseudonym of pseudonymsInOrder(subject)) {
      const scope = first?.scope ?? about.scope;
      const part = asksOf(privacy, demand, scope ? { subject, scope } : undefined, pseudonym).subject;
      const forget = () => releaseParts(demand, method, { shared: [], subject: part, takenAt });
      // A message is undone by its token, as above. An attempt whose step was not answered stays counted.
      if (demand.terms.message) undo.add(forget);
      const reply = await ask(demand, method, { shared: [], subject: part });
      if (reply.kind !== 'granted') return reply;
      if (demand.terms.attempt) undo.add(forget);
      first ??= reply;
    }
    if (!first) throw new Error('A subject has a pseudonym.');
    return first;
  }

  /** Whom the demand is about, its attempt claimed; or why it is refused. */
  async function resolve(
    demand: Demand,
    asks: Asks,
    undo: Undo,
  ): Promise<(SubjectOf & { record?: VerificationRecord }) | RefusedReply> {
    const { about } = demand;
    if ('subject' in about) return { subject: about.subject, scope: undefined, method: demand.method ?? '' };
    const record = await claimVerification(demand, about.verification, asks, undo);
    if ('kind' in record) return record;
    return { subject: record.subject, scope: record.scope, method: demand.method ?? record.method, record };
  }

  async function takeAll(demand: Demand, undo: Undo): Promise<Granted | Refusal> {
    const asks = asksOf(privacy, demand);
    const { address, network, everyone } = asks;
    const nearby = await ask(demand, demand.method, { shared: [address, network] });
    if (nearby.kind !== 'granted') return toRefusal(privacy, demand, nearby);
    const { takenAt } = nearby;
    const costs = { address: true };
    undo.add(() =>
      releaseParts(demand, demand.method, { shared: costs.address ? [address, network] : [network], takenAt }),
    );
    const about = await resolve(demand, asks, undo);
    if ('kind' in about) {
      // About nothing: that costs the address, and is not given back.
      costs.address = about.kind === 'busy' || !('isCounted' in demand.about && demand.about.isCounted);
      return toRefusal(privacy, demand, about);
    }
    const { subject, method, record } = about;
    const device = 'subject' in demand.about ? demand.about.device : undefined;
    if (isRotating)
      await copySubject(connection, privacy, subject, about.scope ?? (device ? `device:${device.id}` : 'strangers'));
    const own = await takeSubject(demand, about, takenAt, undo);
    if (own.kind !== 'granted') return toRefusal(privacy, demand, own, record);
    const all = everyone.rows.length > 0 ? await ask(demand, method, { shared: [everyone] }) : own;
    if (all.kind !== 'granted') return toRefusal(privacy, demand, all, record);
    const held = { demand, subject, scope: own.scope ?? 'strangers', method, takenAt: latest(nearby, own, all) };
    return { kind: 'granted', held, record, locks: own.locks, usage: usageOf(all) };
  }

  /** The nodes' clocks may differ a little. */
  const latest = (...replies: GrantedReply[]) => Math.max(...replies.map(({ takenAt }) => takenAt));

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

    async release({ demand, subject, scope, method, takenAt }) {
      const asks = asksOf(privacy, demand);
      const parts = pseudonymsInOrder(subject).map(
        (pseudonym) => asksOf(privacy, demand, { subject, scope }, pseudonym).subject,
      );
      // The part that has the token comes first: without it the reservation has lapsed.
      if (demand.terms.attempt && (await releaseParts(demand, method, verificationPart(asks))) === 0) return;
      const released: number[] = [];
      for (const part of parts) {
        const at = demand.terms.attempt ? { takenAt } : {};
        released.push(await releaseParts(demand, method, { shared: [], subject: part, ...at }));
      }
      if (released.every((at) => at === 0)) return;
      await releaseParts(demand, method, { shared: [asks.everyone], takenAt });
      await releaseParts(demand, method, { shared: [asks.address, asks.network], takenAt });
    },
  };
}
