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

type Verified = Pick<VerifyReply, 'phoneNumber' | 'phoneNumberText' | 'redirectTo' | 'factors'>;

/**
 * A verified number as people write it: in the form that the server sent, otherwise in that of the code screen. If the
 * code screen showed a masked number or another one, the text is the number in E.164.
 */
const textOf = ({ phoneNumber, phoneNumberText }: Verified, sent: SentCode | null): string =>
  phoneNumberText ?? (sent?.to.replace(/[^+\d]/g, '') === phoneNumber ? sent.to : phoneNumber);

/** The number is verified. */
export const verified =
  (reply: Verified): Change =>
  (state) => ({
    ...moveTo('verified', state),
    sent: null,
    typedNumber: '',
    verifiedNumber: reply.phoneNumber,
    verifiedNumberText: textOf(reply, state.sent),
    redirectTo: reply.redirectTo,
    unused: reply.factors,
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

/** The change that a success of each task brings. */
export const SUCCESSES: { readonly [T in Task]: (reply: Replies[T]) => Change } = {
  send: sentTo,
  resend: sentAgain,
  verify: verified,
  passkey: verified,
};
