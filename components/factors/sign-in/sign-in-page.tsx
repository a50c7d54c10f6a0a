import { CardPage } from '@/components/flow/card-page';
import { CancelLogin, LoginRequest } from '@/components/flow/login-request';
import { PageFooter } from '@/components/flow/page-footer';
import { KEPT_FORM } from '@/components/ui/change-language';
import { PageLoginContext } from '@/components/ui/page-login';
import { TextProvider } from '@/components/ui/text';
import type { SignInState } from '@/lib/contract';
import { SignIn } from './sign-in';

/** The page where people verify with a code from their authenticator app, or a recovery code. */
export function SignInPage(state: SignInState) {
  const { brand, language, messages, login } = state;
  return (
    <PageLoginContext value={login}>
      <CardPage brand={brand} language={language} messages={messages} form={KEPT_FORM}>
        {login && <LoginRequest login={login} messages={messages} />}
        <TextProvider language={language} messages={messages}>
          <SignIn page={state} />
        </TextProvider>
        {login && <CancelLogin login={login} messages={messages} />}
        {/* No message brings a code here, so nobody needs the demo's inbox. */}
        <PageFooter messages={messages} />
      </CardPage>
    </PageLoginContext>
  );
}
