import { LanguageSwitch } from '@/components/ui/language-switch';
import type { PageState } from '@/lib/contract';
import { PhoneVerification } from './phone-verification';
import styles from './phone-verification.module.css';

/** The page: the flow in its card, what it is for and what it is worth, and the languages. */
export function VerificationPage(state: PageState) {
  const { messages, language, inboxUrl } = state;
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <PhoneVerification state={state} />
        <footer className={styles.footer}>
          <p>
            {messages.risk} <a href="/about">{messages.riskLink}</a>
          </p>
          {inboxUrl && (
            <a href={inboxUrl} target="_blank" rel="noopener">
              {messages.inbox}
            </a>
          )}
        </footer>
      </div>
      <LanguageSwitch label={messages.language} current={language} />
    </main>
  );
}
