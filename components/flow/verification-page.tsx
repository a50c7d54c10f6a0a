import { PageLoginContext } from '@/components/ui/addresses';
import { KEPT_FORM } from '@/components/ui/change-language';
import type { PageState } from '@/lib/contract';
import { CardPage } from './card-page';
import { CancelLogin, LoginRequest } from './login-request';
import { PhoneVerification } from './phone-verification';
import styles from './phone-verification.module.css';

/** The page: the flow in its card, and the footer. */
export function VerificationPage(state: PageState) {
  const { brand, language, messages, step, inboxUrl, login } = state;
  return (
    <PageLoginContext value={login}>
      <CardPage
        brand={brand}
        language={language}
        messages={messages}
        // Where script changes the screen later, it also changes the language.
        form={step === 'phone' ? KEPT_FORM : undefined}
      >
        {login && <LoginRequest login={login} messages={messages} />}
        <PhoneVerification state={state} />
        {login && <CancelLogin login={login} messages={messages} />}
        <footer className={styles.footer}>
          <p>
            {messages.footer} <a href="/about">{messages.aboutLink}</a>
          </p>
          {inboxUrl && (
            <a href={inboxUrl} target="_blank" rel="noopener">
              {messages.inbox}
            </a>
          )}
        </footer>
      </CardPage>
    </PageLoginContext>
  );
}
