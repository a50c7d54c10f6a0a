/**
 * Does the same as `components/flow/later-parts.ts` for a page on which people can also verify without a code by phone.
 */
import { LaterScreen, type LaterScreenProps } from '@/components/flow/later-screen';
import type { Answer } from '@/components/flow/requests';
import type { VerifyReply } from '@/lib/contract';
import { OtherWays } from './other-ways';
import { begin, NOT_LOADED, type PasskeyContext } from './passkeys';

export * from '@/components/flow/requests';
export { suggestPasskeys } from './passkeys';

/** The screens after the first. */
export const Screen = (props: LaterScreenProps) => (
  <LaterScreen {...props} ways={<OtherWays page={props.page} state={props.state} />} />
);

/** Verifies with a passkey. The script for that loads while the server creates the options. Never throws. */
export function verifyByPasskey(
  context: PasskeyContext,
  signal: AbortSignal,
  chosen?: PublicKeyCredential,
): Promise<Answer<VerifyReply>> {
  if (!chosen) void begin(context);
  return import('./verify-by-passkey').then(
    (loaded) => loaded.verifyByPasskey(context, signal, chosen),
    () => NOT_LOADED,
  );
}
