/** What the package `@phone-verification/react` exports. Our own page imports the source files directly. */
export {
  fetchPageState,
  fetchSession,
  fetchVerification,
  type Outcome,
  type PostOptions,
  type RequestFailure,
  resendCode,
  sendCode,
  verifyCode,
} from '@/components/client';
export { PhoneVerification } from '@/components/embedded';
export type { PhoneVerificationProps } from '@/components/flow/props';
export type {
  Channel,
  ErrorReply,
  PageState,
  PendingVerification,
  ResendReply,
  ResendRequest,
  SendReply,
  SendRequest,
  SessionReply,
  VerifyReply,
  VerifyRequest,
} from '@/lib/contract';
