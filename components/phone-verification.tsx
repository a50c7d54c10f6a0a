import type { PendingVerification } from '@/lib/contract';
import { CodeForm } from './code-form';
import { PhoneForm } from './phone-form';
import styles from './phone-verification.module.css';
import { NO_WAIT, useCountdown } from './use-countdown';
import { useVerification } from './use-verification';
import { VerifiedPanel } from './verified-panel';

export interface PhoneVerificationProps {
  /** The verification under way for this browser, so that a reload comes back to its code screen. */
  pending: PendingVerification | null;
  /** Where a demo's messages can be read; null outside of a demo. */
  inboxUrl: string | null;
}

/**
 * Verification of a phone number in three screens: number, code, success. Needs the server's word on a verification
 * under way, and the address of the demo's inbox, if there is one.
 */
export function PhoneVerification({ pending, inboxUrl }: PhoneVerificationProps) {
  const [state, actions] = useVerification(pending);
  const { step, sent } = state;
  // Counted here, where nothing unmounts, so that going back and forth between the screens does not start them again.
  const expiresIn = useCountdown(sent?.expiry ?? NO_WAIT);
  const resendIn = useCountdown(sent?.resend ?? NO_WAIT);

  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <noscript>
          <p className={styles.noscript}>
            This page needs JavaScript in this version. Turn it on, or let a program use the API:{' '}
            <code>POST /api/send-otp</code>.
          </p>
        </noscript>
        <div className={styles.stage}>
          {step === 'phone' && <PhoneForm state={state} actions={actions} />}
          {step === 'code' && sent && (
            <CodeForm state={state} sent={sent} actions={actions} expiresIn={expiresIn} resendIn={resendIn} />
          )}
          {step === 'verified' && <VerifiedPanel phoneNumber={state.verifiedNumber} onRestart={actions.restart} />}
        </div>
        <footer className={styles.footer}>
          <p>Codes by text message suit low-risk uses only, and your number is used only to send you the code.</p>
          {inboxUrl && (
            <a href={inboxUrl} target="_blank" rel="noopener">
              Open the demo inbox
            </a>
          )}
        </footer>
      </div>
      <p className="visually-hidden" role="status">
        {state.announcement}
      </p>
    </main>
  );
}
