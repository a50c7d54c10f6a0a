import { doubtLevel, everyoneRows, isEnough, rowsOfMethod } from '@/lib/store/charges';
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

/** The subject and verification of a demand, once they are known. */
interface Target {
  readonly subject: string;
  readonly scope: Scope;
  readonly method: string;
  readonly destination: Destination | undefined;
  readonly verification: Verification | undefined;
}

/** A key of the map of windows, and the rows that count there. */
interface Shared {
  readonly key: string;
  readonly rows: readonly Row[];
}

/** A demand, and the guard's view of it. */
interface Considered {
  readonly demand: Demand;
  readonly shared: readonly Shared[];
  readonly account: Account | undefined;
  readonly judgement: Judgement | undefined;
}

const EVERYONE = 'everyone';
const NONE: readonly never[] = [];
const addressKey = (address: string) => `address ${address}`;
const networkKey = (network: string) => `network ${network}`;
const devicesKey = (subject: string) => `devices of ${subject}`;
const programKey = (id: string) => `program ${id}`;
export const subjectKey = (subject: string, scope: Scope) => `${subject} ${scope}`;

/**
 * The rows that a demand shares with others: those of its address, its network, its subject's devices, its program and,
 * last, of everyone.
 */
function sharedOf(
  { terms, address, network, program }: Demand,
  { subject, scope, method, destination }: Omit<Target, 'verification'>,
  isNewCountry: boolean,
): readonly Shared[] {
  const isStranger = scope === 'strangers';
  const devices = { key: devicesKey(subject), rows: isStranger ? NONE : rowsOfMethod(terms.allDevices, method) };
  const message = { method, destination, isNewCountry, isStranger };
  return [
    { key: addressKey(address), rows: rowsOfMethod(terms.address, method) },
    { key: networkKey(network), rows: rowsOfMethod(terms.network, method) },
    devices,
    ...(program ? [{ key: programKey(program.id), rows: everyoneRows(program.rows, message) }] : NONE),
    { key: EVERYONE, rows: everyoneRows(terms.everyone, message) },
  ];
}

/** Calls `act` for each row of a subject in a scope, with the field that counts it. */
function forSubjectRows(
  { number, numberByNetwork }: Terms,
  network: string,
  { scope, method }: Pick<Target, 'scope' | 'method'>,
  act: (row: Row, field: string) => void,
): void {
  for (const row of rowsOfMethod(number, method)) act(row, row.field);
  if (scope !== 'strangers') return;
  for (const row of rowsOfMethod(numberByNetwork, method)) act(row, `${row.field} ${network}`);
}

/** The refusal with the longest wait. */
class Longest {
  waitMs = 0;
  by: string | undefined;

  add(waitMs: number, by: string | undefined): void {
    if (waitMs <= this.waitMs) return;
    this.waitMs = waitMs;
    this.by = by;
  }

  addRows(windows: Windows | undefined, rows: readonly Row[], now: number): void {
    for (const row of rows) this.add(windowWait(windows, row.field, row, now), row.name);
  }
}

/** {@link LimitStore} in this process. Each operation is one step because none awaits. */
export function createMemoryLimitStore(state: MemoryState): LimitStore {
  const { windows, subjects, verifications, sessions, now } = state;
  const guard = createMemoryGuard(state);

  function takeShared({ key, rows }: Shared): void {
    if (rows.length === 0) return;
    const at = now();
    const kept: Windows = windows.get(key, at) ?? {};
    let endsAt = windows.endsAt(key);
    for (const row of rows) endsAt = Math.max(endsAt, takeWindow(kept, row.field, row, at).endsAt);
    windows.set(key, kept, endsAt);
  }

  /** How much of each global limit is used now. */
  function usageOf(rows: readonly Row[]): Usage[] {
    const kept = windows.get(EVERYONE);
    return rows.map(({ name, field, cost }) => {
      const { count = 0, endsAt = 0 } = kept?.[field] ?? {};
      return { name, used: count, cost, endsAt };
    });
  }

  function releaseShared({ key, rows }: Shared, takenAt: number): void {
    const kept = windows.get(key);
    if (!kept) return;
    for (const row of rows) releaseWindow(kept, row.field, row, takenAt);
    if (isEmpty(kept)) windows.delete(key);
  }

  function keep(key: string, subject: SubjectState): void {
    const endsAt = endOf(subject);
    if (endsAt <= now()) subjects.delete(key);
    else subjects.set(key, subject, endsAt);
  }

  const isDeviceLocked = (subject: string, { deviceLock }: Terms): boolean =>
    windowWait(windows.get(devicesKey(subject)), deviceLock.field, deviceLock, now()) > 0;

  /** The subject and verification of the demand, or the reason why there are none. */
  function find({ about, method, terms }: Demand): Target | Refusal {
    if ('subject' in about) {
      const { subject, destination, device } = about;
      const scope: Scope = device && !isDeviceLocked(subject, terms) ? `device:${device.id}` : 'strangers';
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

  /** The guard's checks of a message; undefined for attempts, if the guard is off, and if messages cost nothing. */
  const accountOf = (demand: Demand, { scope, method, destination }: Pick<Held, 'scope' | 'method' | 'destination'>) =>
    demand.terms.message && guard.accountOf({ demand, scope, method, destination });

  /** Challenges that the global limits require of a stranger's message. */
  function doubts(everyone: readonly Row[]): NamedShortage[] {
    const at = now();
    const kept = windows.get(EVERYONE, at);
    const found: NamedShortage[] = [];
    for (const row of everyone) {
      const window = kept?.[row.field];
      const isOpen = window !== undefined && window.endsAt > at;
      const level = doubtLevel(row, (isOpen ? window.count : 0) + row.cost);
      const waitMs = isOpen ? window.endsAt - at : row.windowMs;
      if (level > 0) found.push({ verdict: 'challenge', level, waitMs, by: row.name });
    }
    return found;
  }

  function judge(account: Account, everyone: readonly Row[]): Judgement {
    const judgement = guard.judge(account);
    const more = doubts(everyone);
    if (more.length === 0) return judgement;
    const { blocks, challenge } = judgement;
    return { blocks, challenge: hardestOf(challenge ? [challenge, ...more] : more) };
  }

  /** A pass counts only if a challenge is due, and only once. Otherwise the demand goes on without it. */
  function consider(asked: Demand, target: Target): Considered {
    const plain = asked.pass ? { ...asked, pass: undefined } : asked;
    const account = accountOf(plain, target);
    const shared = sharedOf(plain, target, account?.isNewCountry ?? false);
    const judgement = account && judge(account, shared.at(-1)?.rows ?? NONE);
    const isDue = account?.credit.mode === 'enforce' && judgement?.challenge !== undefined;
    if (!isDue || !asked.pass || guard.isSpent(asked.pass)) return { demand: plain, shared, account, judgement };
    return { demand: asked, shared, account: accountOf(asked, target), judgement };
  }

  /** Refuses a message whose challenge is not solved, while the guard is enforced. */
  function challengeRefusal({ demand, judgement }: Considered, record: VerificationRecord | undefined) {
    const { challenge } = judgement ?? {};
    if (!challenge || isEnough(demand.pass, challenge.level)) return undefined;
    const { by, level, waitMs } = challenge;
    return { kind: 'challenge', by, level, waitMs, record } as const;
  }

  /** Why the store refuses the demand; undefined if it does not. */
  function refusalOf(considered: Considered, target: Target): Refusal | undefined {
    const { demand, shared, account, judgement } = considered;
    const at = now();
    const record = target.verification && recordOf(target.verification, at);
    const isEnforced = account?.credit.mode === 'enforce';
    const longest = new Longest();
    for (const { key, rows } of shared) if (rows.length > 0) longest.addRows(windows.get(key, at), rows, at);
    if (isEnforced) {
      for (const { waitMs, by } of guard.capWaits(account)) longest.add(waitMs, by);
      for (const { waitMs, by } of judgement?.blocks ?? NONE) longest.add(waitMs, by);
    }
    const subject = subjects.get(subjectKey(target.subject, target.scope), at);
    if (subject) {
      if (demand.terms.message) longest.add(messageWait(subject, at), undefined);
      forSubjectRows(demand.terms, demand.network, target, (row, field) =>
        longest.add(windowWait(subject.windows, field, row, at), row.name),
      );
      const lockMs = lockWait(subject, at);
      if (lockMs === undefined) return { kind: 'locked', waitMs: undefined, record };
      if (lockMs > 0) return { kind: 'locked', waitMs: Math.max(lockMs, longest.waitMs), record };
    }
    const { proven } = account?.credit ?? {};
    const isUnproven = proven?.method === target.method && (account?.codes ?? 0) < proven.codes;
    if (isEnforced && isUnproven) return { kind: 'no-calls', record };
    if (longest.waitMs > 0) return { kind: 'limited', waitMs: longest.waitMs, by: longest.by, record };
    return isEnforced ? challengeRefusal(considered, record) : undefined;
  }

  /**
   * Refuses a request about a verification that is missing or takes no attempt. Such a request can count against its
   * address alone, and does not count while another attempt is in flight.
   */
  function refuseNothing(demand: Demand, refusal: Refusal): Refusal {
    const { terms, method, address } = demand;
    const rows = terms.address.filter((row) => row.method === undefined || row.method === method);
    const key = addressKey(address);
    const longest = new Longest();
    longest.addRows(windows.get(key), rows, now());
    if (longest.waitMs > 0) return { kind: 'limited', waitMs: longest.waitMs, by: longest.by };
    const isCounted = 'verification' in demand.about && demand.about.isCounted && refusal.kind !== 'busy';
    if (isCounted && windows.hasRoomFor(key)) takeShared({ key, rows });
    return refusal;
  }

  function take({ demand, shared, account, judgement }: Considered, target: Target): Granted {
    const { terms, token, pass } = demand;
    const { subject, scope, method, destination, verification } = target;
    const key = subjectKey(subject, scope);
    const isNewCountry = account?.isNewCountry ?? false;
    if (account) guard.assertRoom(account, pass);
    for (const one of shared) if (one.rows.length > 0) assertRoom(windows, one.key);
    assertRoom(subjects, key);
    if (terms.message) assertRoom(verifications, '');
    if (terms.attempt) assertRoom(sessions, '');

    for (const one of shared) takeShared(one);
    const taken = account ? guard.take(account, pass) : {};
    // A release gives nothing back to windows that opened after the reservation, so this time must not be earlier than
    // the windows opened above.
    const at = now();
    const kept = subjects.get(key, at) ?? newSubjectState();
    dropEnded(kept.windows, at);
    forSubjectRows(terms, demand.network, target, (row, field) => takeWindow(kept.windows, field, row, at));
    if (terms.message) takeMessage(kept, terms.message, token, at);
    const locks = terms.attempt !== undefined && takeAttempt(kept, terms.lock, at);
    keep(key, kept);
    const objection = account?.credit.mode === 'record' && judgement ? objectionOf(judgement) : undefined;
    return {
      kind: 'granted',
      held: { demand, subject, scope, method, destination, taken, isNewCountry, takenAt: at },
      record: verification && recordOf(claimAttempt(demand, verification), at),
      locks,
      usage: usageOf(shared.at(-1)?.rows ?? NONE),
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

  /** @returns the time of the attempt's reservation; undefined if this attempt is no longer in flight */
  function releaseClaim({ about, token }: Demand): number | undefined {
    if ('subject' in about) return undefined;
    const verification = verifications.get(about.verification);
    if (verification?.attempt?.token !== token) return undefined;
    const released = { ...verification, attemptsUsed: verification.attemptsUsed - 1, attempt: undefined };
    verifications.set(about.verification, released, verifications.endsAt(about.verification));
    return verification.attempt.takenAt;
  }

  /** @returns the time of the reservation; undefined if it is no longer in flight */
  function endOfFlight({ demand, takenAt }: Held, kept: SubjectState | undefined): number | undefined {
    if (demand.terms.message) return kept && endMessage(kept, demand.token);
    return 'verification' in demand.about ? releaseClaim(demand) : takenAt;
  }

  function releaseSubject(kept: SubjectState, { demand, scope, method }: Held, takenAt: number): void {
    const { terms, network } = demand;
    forSubjectRows(terms, network, { scope, method }, (row, field) => releaseWindow(kept.windows, field, row, takenAt));
    if (terms.message) undoMessage(kept, takenAt);
    if (terms.attempt) releaseAttempt(kept, terms.lock);
  }

  function giveGuessBack(kept: SubjectState, { terms, network }: Demand, scope: Scope): void {
    if (scope !== 'strangers') return;
    for (const row of terms.numberByNetwork)
      if (row.isReturned) releaseWindow(kept.windows, `${row.field} ${network}`, row, now());
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
      if (scope !== 'strangers') releaseShared({ key: devicesKey(subject), rows: [deviceLock] }, now());
      const key = subjectKey(subject, scope);
      const kept = subjects.get(key);
      if (kept) {
        forgetWrongCodes(kept);
        kept.messages = 0;
        giveGuessBack(kept, demand, scope);
      }
      if (credit) guard.refill({ demand, scope, method, destination });
      if (kept) keep(key, kept);
    },

    async release(held) {
      const { demand, subject, scope } = held;
      const key = subjectKey(subject, scope);
      const kept = subjects.get(key);
      const takenAt = endOfFlight(held, kept);
      if (takenAt === undefined) return;
      for (const one of sharedOf(demand, held, held.isNewCountry ?? false)) releaseShared(one, takenAt);
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
