import type { Demand, Granted, Held, LimitStore, Refusal, Row, Terms, Usage } from '@/lib/store/limits';
import type { Scope } from '@/lib/store/verifications';
import { assertRoom, type MemoryState, recordOf, type Verification } from './state';
import {
  endMessage,
  endOf,
  forgetWrongCodes,
  lockWait,
  messageWait,
  newSubjectState,
  releaseAttempt,
  type SubjectState,
  standingOf,
  takeAttempt,
  takeMessage,
  undoMessage,
} from './subject-state';
import { dropEnded, isEmpty, releaseWindow, takeWindow, type Windows, windowWait } from './windows';

/** One row and where it is counted. */
interface Counted {
  readonly row: Row;
  readonly field: string;
}

/** Whom and what a demand is about, once its verification is known. */
interface Target {
  readonly subject: string;
  readonly scope: Scope;
  readonly method: string;
  readonly verification: Verification | undefined;
}

const EVERYONE = 'everyone';
const addressKey = (address: string) => `address ${address}`;
const networkKey = (network: string) => `network ${network}`;
const devicesKey = (subject: string) => `devices of ${subject}`;
export const subjectKey = (subject: string, scope: Scope) => `${subject} ${scope}`;

function counted(rows: readonly Row[], method: string | undefined, suffix = ''): readonly Counted[] {
  const found: Counted[] = [];
  for (const row of rows)
    if (row.method === undefined || row.method === method) found.push({ row, field: row.field + suffix });
  return found;
}

/** The rows of a demand, by the key of the map of windows. */
function sharedRows({ terms, address, network }: Demand, { subject, scope, method }: Omit<Target, 'verification'>) {
  const devices = scope === 'strangers' ? [] : counted(terms.allDevices, method);
  return [
    [addressKey(address), counted(terms.address, method)],
    [networkKey(network), counted(terms.network, method)],
    [devicesKey(subject), devices],
    [EVERYONE, counted(terms.everyone, method)],
  ] as const;
}

/** The rows of a subject in a scope. */
const subjectRows = (terms: Terms, network: string, { scope, method }: Pick<Target, 'scope' | 'method'>) => [
  ...counted(terms.number, method),
  ...(scope === 'strangers' ? counted(terms.numberByNetwork, method, ` ${network}`) : []),
];

/** The refusal that waits longest. */
class Longest {
  waitMs = 0;
  by: string | undefined;

  add(waitMs: number, by: string | undefined): void {
    if (waitMs > this.waitMs) Object.assign(this, { waitMs, by });
  }

  addRows(windows: Windows | undefined, rows: readonly Counted[], now: number): void {
    for (const { row, field } of rows) this.add(windowWait(windows, field, row, now), row.name);
  }
}

/** {@link LimitStore} in this process. Each operation is one step because none awaits. */
export function createMemoryLimitStore(state: MemoryState): LimitStore {
  const { windows, subjects, verifications, sessions, now } = state;

  function takeShared(key: string, rows: readonly Counted[]): Usage[] {
    if (rows.length === 0) return [];
    const kept: Windows = windows.get(key) ?? {};
    const usage = rows.map(({ row, field }) => {
      const { count, endsAt } = takeWindow(kept, field, row, now());
      return { name: row.name, used: count, endsAt };
    });
    windows.set(key, kept, Math.max(windows.endsAt(key), ...usage.map(({ endsAt }) => endsAt)));
    return usage;
  }

  function releaseShared(key: string, rows: readonly Counted[], takenAt: number): void {
    const kept = windows.get(key);
    for (const { row, field } of rows) if (kept) releaseWindow(kept, field, row, takenAt);
    if (kept && isEmpty(kept)) windows.delete(key);
  }

  function keep(key: string, subject: SubjectState): void {
    const endsAt = endOf(subject);
    if (endsAt <= now()) subjects.delete(key);
    else subjects.set(key, subject, endsAt);
  }

  /** Whom the demand is about; or why there is nobody. */
  function find({ about, method, terms }: Demand): Target | Refusal {
    if ('subject' in about) {
      const { deviceLock } = terms;
      const isLocked = windowWait(windows.get(devicesKey(about.subject)), deviceLock.field, deviceLock, now()) > 0;
      const scope: Scope = about.device && !isLocked ? `device:${about.device.id}` : 'strangers';
      return { subject: about.subject, scope, method: method ?? '', verification: undefined };
    }
    const verification = verifications.get(about.verification);
    if (!verification) return { kind: 'missing' };
    const { subject, scope, expiresAt, attempt, attemptsUsed } = verification;
    const target = { subject, scope, method: method ?? verification.method, verification };
    if (!terms.attempt) return target;
    const record = recordOf(verification, now());
    if (expiresAt <= now()) return { kind: 'expired', record };
    if (attempt && attempt.until > now()) return { kind: 'busy', record };
    return attemptsUsed >= terms.attempt.maxAttempts ? { kind: 'exhausted', record } : target;
  }

  /** Why the demand is refused; undefined where it is not. */
  function refusalOf(demand: Demand, target: Target): Refusal | undefined {
    const record = target.verification && recordOf(target.verification, now());
    const longest = new Longest();
    for (const [key, rows] of sharedRows(demand, target)) longest.addRows(windows.get(key), rows, now());
    const subject = subjects.get(subjectKey(target.subject, target.scope));
    if (subject) {
      if (demand.terms.message) longest.add(messageWait(subject, now()), undefined);
      longest.addRows(subject.windows, subjectRows(demand.terms, demand.network, target), now());
      const lockMs = lockWait(subject, now());
      if (lockMs === undefined) return { kind: 'locked', waitMs: undefined, record };
      if (lockMs > 0) return { kind: 'locked', waitMs: Math.max(lockMs, longest.waitMs), record };
    }
    return longest.waitMs > 0 ? { kind: 'limited', waitMs: longest.waitMs, by: longest.by, record } : undefined;
  }

  /** What is about nothing costs its address, and nobody else. */
  function refuseNothing(demand: Demand, refusal: Refusal): Refusal {
    const rows = counted(demand.terms.address, demand.method);
    const key = addressKey(demand.address);
    const longest = new Longest();
    longest.addRows(windows.get(key), rows, now());
    if (longest.waitMs > 0) return { kind: 'limited', waitMs: longest.waitMs, by: longest.by };
    const isCounted = 'verification' in demand.about && demand.about.isCounted && refusal.kind !== 'busy';
    if (isCounted && windows.hasRoomFor(key)) takeShared(key, rows);
    return refusal;
  }

  function take(demand: Demand, target: Target): Granted {
    const { terms, token } = demand;
    const { subject, scope, method, verification } = target;
    const key = subjectKey(subject, scope);
    const shared = sharedRows(demand, target);
    for (const [sharedKey, rows] of shared) if (rows.length > 0) assertRoom(windows, sharedKey);
    assertRoom(subjects, key);
    if (terms.message) assertRoom(verifications, '');
    if (terms.attempt) assertRoom(sessions, '');

    const usage = shared.map(([sharedKey, rows]) => takeShared(sharedKey, rows)).at(-1) ?? [];
    const kept = subjects.get(key) ?? newSubjectState();
    const rows = subjectRows(terms, demand.network, target);
    if (rows.length > 0) dropEnded(kept.windows, now());
    for (const { row, field } of rows) takeWindow(kept.windows, field, row, now());
    if (terms.message) takeMessage(kept, terms.message, token, now());
    const locks = terms.attempt !== undefined && takeAttempt(kept, terms.lock, now());
    keep(key, kept);
    return {
      kind: 'granted',
      held: { demand, subject, scope, method },
      record: verification && recordOf(claimAttempt(demand, verification), now()),
      locks,
      usage,
    };
  }

  function claimAttempt({ about, terms, token }: Demand, verification: Verification): Verification {
    if (!terms.attempt || 'subject' in about) return verification;
    const attempt = { token, takenAt: now(), until: now() + terms.attempt.holdMs };
    const claimed = { ...verification, attemptsUsed: verification.attemptsUsed + 1, attempt };
    verifications.set(about.verification, claimed, verifications.endsAt(about.verification));
    return claimed;
  }

  /** @returns when the attempt was reserved; undefined where this one is no longer in flight */
  function releaseClaim({ about, token }: Demand): number | undefined {
    if ('subject' in about) return undefined;
    const verification = verifications.get(about.verification);
    if (verification?.attempt?.token !== token) return undefined;
    const released = { ...verification, attemptsUsed: verification.attemptsUsed - 1, attempt: undefined };
    verifications.set(about.verification, released, verifications.endsAt(about.verification));
    return verification.attempt.takenAt;
  }

  function releaseSubject(kept: SubjectState, { demand, scope, method }: Held, takenAt: number): void {
    const { terms, network } = demand;
    for (const { row, field } of subjectRows(terms, network, { scope, method }))
      releaseWindow(kept.windows, field, row, takenAt);
    if (terms.message) undoMessage(kept, takenAt);
    if (terms.attempt) releaseAttempt(kept, terms.lock);
  }

  return {
    async reserve(demand) {
      const target = find(demand);
      if ('kind' in target) return refuseNothing(demand, target);
      return refusalOf(demand, target) ?? take(demand, target);
    },

    async commitMessage({ demand, subject, scope }) {
      const key = subjectKey(subject, scope);
      const kept = subjects.get(key);
      if (kept && endMessage(kept, demand.token) !== undefined) {
        kept.messages += 1;
        keep(key, kept);
      }
      return standingOf(kept, now());
    },

    async commitSuccess({ demand, subject, scope }) {
      const { deviceLock } = demand.terms;
      if (scope !== 'strangers')
        releaseShared(devicesKey(subject), [{ row: deviceLock, field: deviceLock.field }], now());
      const key = subjectKey(subject, scope);
      const kept = subjects.get(key);
      if (!kept) return;
      forgetWrongCodes(kept);
      kept.messages = 0;
      keep(key, kept);
    },

    async release(held) {
      const { demand, subject, scope } = held;
      const key = subjectKey(subject, scope);
      const kept = subjects.get(key);
      const takenAt = demand.terms.attempt ? releaseClaim(demand) : kept && endMessage(kept, demand.token);
      if (takenAt === undefined) return;
      for (const [sharedKey, rows] of sharedRows(demand, held)) releaseShared(sharedKey, rows, takenAt);
      if (!kept) return;
      releaseSubject(kept, held, takenAt);
      keep(key, kept);
    },

    async unlock(subject) {
      windows.delete(devicesKey(subject));
      for (const key of subjects.keys()) {
        const kept = key.startsWith(`${subject} `) ? subjects.get(key) : undefined;
        if (!kept) continue;
        forgetWrongCodes(kept);
        keep(key, kept);
      }
    },
  };
}
