import { useRef, useState } from 'react';
import { ask } from '@/components/flow/requests';
import { apiAddress } from '@/components/ui/page-login';
import type { Failure, Problem } from '@/components/ui/problem';
import { HOME } from '@/lib/base-path';
import type { CodeFactorType, SignInState, TypedNumber, VerifyReply } from '@/lib/contract';

/** If a request waits longer than this, no answer will come. */
const GIVE_UP_MS = 60_000;

/** Where each kind of code is checked. */
export const ROUTES = {
  totp: '/api/totp/verify',
  'recovery-code': '/api/recovery-codes/verify',
} as const satisfies Record<CodeFactorType, string>;

/** Problems of the number; all others are about the code. */
const OF_NUMBER: ReadonlySet<string> = new Set([
  'NUMBER_MISSING',
  'INVALID_PHONE_NUMBER',
  'PHONE_NUMBER_NOT_SUPPORTED',
]);

export type FormProblem = Problem & { readonly at: 'phone' | 'code' };

export const placed = (failure: Failure): FormProblem => ({
  ...failure,
  at: OF_NUMBER.has(failure.code) ? 'phone' : 'code',
  wait: { seconds: failure.retryAfterSeconds ?? 0 },
});

export interface SignInProgress {
  readonly isBusy: boolean;
  readonly problem: FormProblem | null;
  /** The number, as typed, that also needs a code by phone; null if none does. */
  readonly stale: TypedNumber | null;
  /** The last number that was sent, as typed; null if none was. */
  readonly tried: TypedNumber | null;
  /** Counts the requests, so that a screen reader reads out a repeated answer again. */
  readonly count: number;
}

interface SignInActions {
  verify(method: CodeFactorType, typed: TypedNumber, e164: string | undefined, code: string): Promise<void>;
  refuse(failure: Failure): void;
  edited(): void;
  /** Empties the form. */
  startAgain(): void;
}

/** The state of the form, and what a person can do. A success leaves the page. */
export function useSignIn({
  problem: initial,
  typed: initiallyTyped,
  errorSubjects,
  login,
}: SignInState): [SignInProgress, SignInActions] {
  const [progress, setProgress] = useState<SignInProgress>({
    isBusy: false,
    problem: initial && placed({ ...initial, about: errorSubjects[initial.code] }),
    stale: null,
    tried: initiallyTyped,
    count: 0,
  });
  // A ref, not state: two clicks may come before React renders the first one.
  const isBusy = useRef(false);
  const change = (more: Partial<SignInProgress>) => setProgress((last) => ({ ...last, ...more }));

  return [
    progress,
    {
      async verify(method, typed, e164, code) {
        if (isBusy.current) return;
        isBusy.current = true;
        setProgress((last) => ({ ...last, isBusy: true, problem: null, tried: typed, count: last.count + 1 }));
        const number = e164
          ? { phoneNumber: e164 }
          : { phoneNumber: typed.number, country: typed.country || undefined };
        const address = apiAddress(ROUTES[method], login);
        const signal = AbortSignal.timeout(GIVE_UP_MS);
        const outcome = await ask<VerifyReply>(address, { ...number, code }, errorSubjects, signal, () => undefined);
        // The button stays busy until the next page has loaded, so that nobody uses up another code.
        if (outcome.ok) return window.location.assign(outcome.reply.redirectTo ?? login?.page ?? HOME);
        isBusy.current = false;
        const { failure } = outcome;
        const isStale = failure.code === 'NUMBER_STALE';
        change({ isBusy: false, problem: placed(failure), stale: isStale ? typed : null });
      },
      refuse: (failure) => change({ problem: placed(failure) }),
      edited: () => change({ problem: null }),
      startAgain: () => change({ problem: null, tried: null }),
    },
  ];
}
