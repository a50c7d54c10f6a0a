import { doubtLevel, everyoneRows, isEnough } from '@/lib/store/charges';
import type { Demand, Granted, Held, LimitStore, Refusal, Row, Terms, Usage } from '@/lib/store/limits';
import type { Destination, Scope, VerificationRecord } from '@/lib/store/verifications';
import { type Account, createMemoryGuard, hardestOf, type Judgement, type NamedShortage, objectionOf } from './guard';
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
  readonly destination: Destination | undefined;
  readonly verification: Verification | undefined;
}

/** A demand, and what the guard says of it. */
interface Considered {
  readonly demand: Demand;
  readonly account: Account | undefined;
  readonly judgement: Judgement | undefined;
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
function sharedRows(
  { terms, address, network }: Demand,
  { subject, scope, method, destination }: Omit<Target, 'verification'>,
  isNewCountry: boolean,
) {
  const devices = scope === 'strangers' ? [] : counted(terms.allDevices, method);
  const isStranger = scope === 'strangers';
  const everyone = everyoneRows(terms.everyone, { method, destination, isNewCountry, isStranger });
  return [
    [addressKey(address), counted(terms.address, method)],
    [networkKey(network), counted(terms.network, method)],
    [devicesKey(subject), devices],
    [EVERYONE, counted(everyone, method)],
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
  const guard = createMemoryGuard(state);

  function takeShared(key: string, rows: readonly Counted[]): Usage[] {
    if (rows.length === 0) return [];
    const kept: Windows = windows.get(key) ?? {};
    const usage = rows.map(({ row, field }) => {
      const { count, endsAt } = takeWindow(kept, field, row, now());
      return { name: row.name, used: count, cost: row.cost, endsAt };
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
      const { subject, destination } = about;
      return { subject, scope, method: method ?? '', destination, verification: undefined };
    }
    const verification = verifications.get(about.verification);
    if (!verification) return { kind: 'missing' };
    const { subject, scope, destination, expiresAt, attempt, attemptsUsed } = verification;
    const target = { subject, scope, destination, method: method ?? verification.method, verification };
    if (!terms.attempt) return target;
    const record = recordOf(verification, now());
    if (expiresAt <= now()) return { kind: 'expired', record };
    if (attempt && attempt.until > now()) return { kind: 'busy', record };
    return attemptsUsed >= terms.attempt.maxAttempts ? { kind: 'exhausted', record } : target;
  }

  /** What the guard holds a message against; undefined for attempts, and where there is nothing. */
  const accountOf = (demand: Demand, { scope, method, destination }: Pick<Held, 'scope' | 'method' | 'destination'>) =>
    demand.terms.message && guard.accountOf({ demand, scope, method, destination });

  /** Challenges of limits for everyone, for a stranger's message. */
  function doubts({ terms }: Demand, { method, destination, scope }: Target, isNewCountry: boolean): NamedShortage[] {
    const kept = windows.get(EVERYONE);
    const isStranger = scope === 'strangers';
    return everyoneRows(terms.everyone, { method, destination, isNewCountry, isStranger }).flatMap((row) => {
      const window = kept?.[row.field];
      const isOpen = window !== undefined && window.endsAt > now();
      const level = doubtLevel(row, (isOpen ? window.count : 0) + row.cost);
      const waitMs = isOpen ? window.endsAt - now() : row.windowMs;
      return level > 0 ? [{ verdict: 'challenge', level, waitMs, by: row.name }] : [];
    });
  }

  function judge(demand: Demand, target: Target, account: Account): Judgement {
    const { blocks, challenge } = guard.judge(account);
    const more = doubts(demand, target, account.isNewCountry);
    return { blocks, challenge: hardestOf(challenge ? [challenge, ...more] : more) };
  }

  /** A pass counts where a challenge is due, and once; elsewhere it is as if there were none, and it stays unused. */
  function consider(asked: Demand, target: Target): Considered {
    const plain = asked.pass ? { ...asked, pass: undefined } : asked;
    const account = accountOf(plain, target);
    const judgement = account && judge(plain, target, account);
    const isDue = account?.credit.mode === 'enforce' && judgement?.challenge !== undefined;
    if (!isDue || !asked.pass || guard.isSpent(asked.pass)) return { demand: plain, account, judgement };
    return { demand: asked, account: accountOf(asked, target), judgement };
  }

  /** What refuses a message besides limits, where the guard is enforced. */
  function challengeRefusal({ demand, judgement }: Considered, record: VerificationRecord | undefined) {
    const { challenge } = judgement ?? {};
    if (!challenge || isEnough(demand.pass, challenge.level)) return undefined;
    const { by, level, waitMs } = challenge;
    return { kind: 'challenge', by, level, waitMs, record } as const;
  }

  /** Why the demand is refused; undefined where it is not. */
  function refusalOf(considered: Considered, target: Target): Refusal | undefined {
    const { demand, account, judgement } = considered;
    const record = target.verification && recordOf(target.verification, now());
    const isEnforced = account?.credit.mode === 'enforce';
    const longest = new Longest();
    const shared = sharedRows(demand, target, account?.isNewCountry ?? false);
    for (const [key, rows] of shared) longest.addRows(windows.get(key), rows, now());
    if (isEnforced)
      for (const { waitMs, by } of [...guard.capWaits(account), ...(judgement?.blocks ?? [])]) longest.add(waitMs, by);
    const subject = subjects.get(subjectKey(target.subject, target.scope));
    if (subject) {
      if (demand.terms.message) longest.add(messageWait(subject, now()), undefined);
      longest.addRows(subject.windows, subjectRows(demand.terms, demand.network, target), now());
      const lockMs = lockWait(subject, now());
      if (lockMs === undefined) return { kind: 'locked', waitMs: undefined, record };
      if (lockMs > 0) return { kind: 'locked', waitMs: Math.max(lockMs, longest.waitMs), record };
    }
    const { proven } = account?.credit ?? {};
    const isUnproven = proven?.method === target.method && (account?.codes ?? 0) < proven.codes;
    if (isEnforced && isUnproven) return { kind: 'no-calls', record };
    if (longest.waitMs > 0) return { kind: 'limited', waitMs: longest.waitMs, by: longest.by, record };
    return isEnforced ? challengeRefusal(considered, record) : undefined;
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

  function take({ demand, account, judgement }: Considered, target: Target): Granted {
    const { terms, token, pass } = demand;
    const { subject, scope, method, destination, verification } = target;
    const key = subjectKey(subject, scope);
    const isNewCountry = account?.isNewCountry ?? false;
    const shared = sharedRows(demand, target, isNewCountry);
    if (account) guard.assertRoom(account, pass);
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
    const objection = account?.credit.mode === 'record' && judgement ? objectionOf(judgement) : undefined;
    const taken = account ? guard.take(account, pass) : {};
    return {
      kind: 'granted',
      held: { demand, subject, scope, method, destination, taken, isNewCountry },
      record: verification && recordOf(claimAttempt(demand, verification), now()),
      locks,
      usage,
      objection,
      customers: account?.codes,
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
      const considered = consider(demand, target);
      return refusalOf(considered, target) ?? take(considered, target);
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

    async commitSuccess({ demand, subject, scope, method, destination }) {
      const { deviceLock, credit } = demand.terms;
      if (scope !== 'strangers')
        releaseShared(devicesKey(subject), [{ row: deviceLock, field: deviceLock.field }], now());
      const key = subjectKey(subject, scope);
      const kept = subjects.get(key);
      if (kept) {
        forgetWrongCodes(kept);
        kept.messages = 0;
      }
      if (credit) guard.refill({ demand, scope, method, destination });
      if (kept) keep(key, kept);
    },

    async release(held) {
      const { demand, subject, scope } = held;
      const key = subjectKey(subject, scope);
      const kept = subjects.get(key);
      const takenAt = demand.terms.attempt ? releaseClaim(demand) : kept && endMessage(kept, demand.token);
      if (takenAt === undefined) return;
      for (const [sharedKey, rows] of sharedRows(demand, held, held.isNewCountry ?? false))
        releaseShared(sharedKey, rows, takenAt);
      if (demand.terms.message) guard.release(held, held.taken, takenAt);
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
