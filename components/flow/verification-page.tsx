import type { ReactNode } from 'react';
import { KEPT_FORM } from '@/components/ui/change-language';
import type { PageState } from '@/lib/contract';
import { CardPage } from './card-page';
import type { FlowProps } from './flow';
import { PageFooter } from './page-footer';
import { PhoneVerification } from './phone-verification';

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
      // The screen changes later only if script runs, and then script also changes the language, without a form.
      form={step === 'phone' ? KEPT_FORM : undefined}
    >
      {above}
      <PhoneVerification state={state} {...(screens && { screens })} />
      {below}
      <PageFooter messages={messages} inboxUrl={inboxUrl} />
    </CardPage>
  );
}
