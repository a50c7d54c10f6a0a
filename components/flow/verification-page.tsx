import type { ReactNode } from 'react';
import { KEPT_FORM } from '@/components/ui/change-language';
import { BASE_PATH } from '@/lib/base-path';
import type { PageState } from '@/lib/contract';
import { CardPage } from './card-page';
import type { FlowProps } from './flow';
import { PhoneVerification } from './phone-verification';
import styles from './phone-verification.module.css';

interface Around extends Pick<FlowProps, 'screens'> {
  above?: ReactNode;
  below?: ReactNode;
}

/** The page: the flow in its card, and the footer. */
export function VerificationPage({ screens, above, below, ...state }: PageState & Around) {
  const { brand, language, messages, step, inboxUrl } = state;
  return (
    <CardPage
      brand={brand}
      language={language}
      messages={messages}
      // Where script changes the screen later, it also changes the language.
      form={step === 'phone' ? KEPT_FORM : undefined}
    >
      {above}
      <PhoneVerification state={state} {...(screens && { screens })} />
      {below}
      <footer className={styles.footer}>
        <p>
          {messages.footer} <a href={`${BASE_PATH}/about`}>{messages.aboutLink}</a>
        </p>
        {inboxUrl && (
          <a href={inboxUrl} target="_blank" rel="noopener">
            {messages.inbox}
          </a>
        )}
      </footer>
    </CardPage>
  );
}
