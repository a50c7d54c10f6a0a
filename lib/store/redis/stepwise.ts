import type { Privacy } from '@/lib/privacy';
import type { Demand, Granted, Held, Refusal } from '@/lib/store/limits';
import type { VerificationRecord } from '@/lib/store/verifications';
import { type Ask, type Asks, asksOf } from './asks';
import type { Connection } from './connection';
import { moveSubject } from './move-subject';
import {
  type GrantedReply,
  type RefusedReply,
  type ReserveReply,
  reserveReply,
  toRefusal,
  usageOf,
} from './reserve-reply';
import type { RedisVerificationStore } from './verification-store';

type Parts = Omit<Ask, 'token' | 'method'>;

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

  /** What was taken, to be undone backwards. */
  function createUndo() {
    const undone: (() => Promise<unknown>)[] = [];
    return {
      add: (undo: () => Promise<unknown>) => void undone.unshift(undo),
      async run() {
        for (const undo of undone) await undo().catch(() => undefined);
      },
    };
  }

  /** The verification that the demand is about, and its attempt claimed where it is one. */
  async function claimVerification(demand: Demand, { verification }: Asks): Promise<VerificationRecord | RefusedReply> {
    if (!('verification' in demand.about)) throw new Error('About a subject');
    const record = await verifications.load(demand.about.verification);
    if (!record) return { kind: 'missing' };
    if (!demand.terms.attempt) return record;
    const reply = await ask(demand, undefined, { shared: [], ...(verification && { verification }) });
    if (reply.kind !== 'granted') return reply;
    return { ...record, attemptsUsed: reply.record?.attemptsUsed ?? record.attemptsUsed };
  }

  async function takeAll(demand: Demand, undo: ReturnType<typeof createUndo>): Promise<Granted | Refusal> {
    const asks = asksOf(privacy, demand);
    const { address, network, everyone, verification } = asks;
    const nearby = await ask(demand, demand.method, { shared: [address, network] });
    if (nearby.kind !== 'granted') return toRefusal(privacy, demand, nearby);
    const { takenAt } = nearby;
    const forget = (shared: Ask['shared']) => () => releaseParts(demand, demand.method, { shared, takenAt });

    let record: VerificationRecord | undefined;
    if (verification && 'verification' in demand.about) {
      const claimed = await claimVerification(demand, asks).catch(async (error: unknown) => {
        undo.add(forget([address, network]));
        throw error;
      });
      if ('kind' in claimed) {
        // About nothing: that costs the address.
        const isCounted = demand.about.isCounted && claimed.kind !== 'busy';
        undo.add(forget(isCounted ? [network] : [address, network]));
        return toRefusal(privacy, demand, claimed, 'record' in claimed ? undefined : record);
      }
      record = claimed;
    }
    undo.add(forget([address, network]));
    if (demand.terms.attempt)
      undo.add(() => releaseParts(demand, undefined, { shared: [], ...(verification && { verification }) }));

    const subject = 'subject' in demand.about ? demand.about.subject : (record?.subject ?? '');
    const scope = record?.scope;
    const method = demand.method ?? record?.method ?? '';
    const device = 'subject' in demand.about ? demand.about.device : undefined;
    if (isRotating)
      await moveSubject(connection, privacy, subject, scope ?? (device ? `device:${device.id}` : 'strangers'));
    const about = scope ? asksOf(privacy, demand, { subject, scope }).subject : asks.subject;
    const forgetOwn = () => releaseParts(demand, method, { shared: [], subject: about, takenAt });
    // A message is undone by its token, also where it is not known whether it was reserved. An attempt then stays counted.
    if (demand.terms.message) undo.add(forgetOwn);
    const own = await ask(demand, method, { shared: [], subject: about });
    if (own.kind !== 'granted') return toRefusal(privacy, demand, own, record);
    if (demand.terms.attempt) undo.add(forgetOwn);

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
      const { address, network, everyone, verification, subject: about } = asksOf(privacy, demand, { subject, scope });
      // The part that has the token comes first: without it the reservation has lapsed.
      if (demand.terms.attempt) {
        if ((await releaseParts(demand, method, { shared: [], ...(verification && { verification }) })) === 0) return;
        await releaseParts(demand, method, { shared: [], subject: about, takenAt });
      } else if ((await releaseParts(demand, method, { shared: [], subject: about })) === 0) return;
      await releaseParts(demand, method, { shared: [everyone], takenAt });
      await releaseParts(demand, method, { shared: [address, network], takenAt });
    },
  };
}
