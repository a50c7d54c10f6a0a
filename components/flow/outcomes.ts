import type { ResendReply, SendReply, VerifyReply } from '@/lib/contract';
import { type Change, moveTo, type SentCode, sentCode, type Task, type VerificationState } from './verification-state';

const nextSerial = ({ sent }: VerificationState): number => (sent?.serial ?? 0) + 1;

const sentTo =
  (reply: SendReply): Change =>
  (state) => {
    const sent = sentCode(reply, nextSerial(state));
    return { ...moveTo('code', state), sent, announcement: { kind: 'sent', sent } };
  };

const sentAgain =
  (reply: ResendReply): Change =>
  (state) => {
    const resent = reply.newPin ? 'new-code' : 'same-code';
    const sent: SentCode = { ...sentCode(reply, nextSerial(state)), resent };
    return { ...state, task: null, problem: null, sent, announcement: { kind: 'sent', sent } };
  };

/** A verified number as the code screen showed it; in E.164 if that was masked or another number. */
const textOf = (phoneNumber: string, sent: SentCode | null): string =>
  sent?.to.replace(/[^+\d]/g, '') === phoneNumber ? sent.to : phoneNumber;

/** The number is verified. */
export const verified =
  ({ phoneNumber, redirectTo, factors }: Pick<VerifyReply, 'phoneNumber' | 'redirectTo' | 'factors'>): Change =>
  (state) => ({
    ...moveTo('verified', state),
    sent: null,
    typedNumber: '',
    verifiedNumber: phoneNumber,
    verifiedNumberText: textOf(phoneNumber, state.sent),
    redirectTo,
    unused: factors,
    successes: state.successes + 1,
    announcement: { kind: 'verified' },
  });

/** The reply to each task. */
export interface Replies {
  readonly send: SendReply;
  readonly resend: ResendReply;
  readonly verify: VerifyReply;
  readonly passkey: VerifyReply;
}

/** What a success of each task changes. */
export const SUCCESSES: { readonly [T in Task]: (reply: Replies[T]) => Change } = {
  send: sentTo,
  resend: sentAgain,
  verify: verified,
  passkey: verified,
};
