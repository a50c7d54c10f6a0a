import type { FactorReply, ListedWay, WaysView } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import { dayIn, momentIn } from '@/lib/i18n/dates';
import type { Language } from '@/lib/i18n/languages';
import { factorReply } from '@/lib/methods/factor-reply';
import { type FactorList, listFactors, pendingReset } from '@/lib/methods/manage-factors';
import type { Caller } from '@/lib/verification/caller';
import type { Dependencies } from '@/lib/verification/dependencies';
import type { Session } from '@/lib/verification/session';

function listedWay({ id, type, name, synced, createdAt, lastUsedAt }: FactorReply, language: Language): ListedWay {
  return {
    id,
    type,
    name,
    synced,
    addedOn: dayIn(language, new Date(createdAt)),
    usedOn: lastUsedAt === null ? null : dayIn(language, new Date(lastUsedAt)),
  };
}

function listView({ factors, recoveryCodesLeft, resetAt }: FactorList, removed: unknown, language: Language): WaysView {
  const ways = factors.map((factor) => listedWay(factorReply(factor), language));
  const way = ways.find(({ id }) => id === removed);
  if (way) return { kind: 'removal', way, isLast: ways.length === 1 };
  return {
    kind: 'list',
    ways,
    recoveryCodesLeft,
    resetAt: resetAt ? momentIn(language, resetAt) : null,
    isResetOpen: resetAt !== undefined && resetAt.getTime() <= Date.now(),
  };
}

/** What a person may see of the ways of a number. */
export interface ViewRequest {
  readonly session: Session | undefined;
  readonly caller: Caller;
  readonly language: Language;
  /** Id of the way that the person wants to remove; anything else has no effect. */
  readonly removed?: unknown;
}

/**
 * The list of ways or, if the person may not see it, what to do first.
 * @throws {AppError} STORE_UNAVAILABLE
 */
export async function waysView(
  services: Dependencies,
  { session, caller, language, removed }: ViewRequest,
): Promise<WaysView> {
  if (!session) return { kind: 'no-session' };
  const isByCode = session.channel !== undefined;
  try {
    const list = await listFactors(services, caller);
    // Without a code, a session whose account is gone may not create another account.
    return list.factors.length === 0 && !isByCode ? { kind: 'no-session' } : listView(list, removed, language);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'STEP_UP_REQUIRED') throw error;
    const resetAt = await pendingReset(services, caller);
    const { methods = [] } = error.details;
    return { kind: 'step-up', methods, mayReset: isByCode, resetAt: resetAt ? momentIn(language, resetAt) : null };
  }
}
