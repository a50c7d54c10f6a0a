import { FixedNumberForm } from '@/components/phone/fixed-number-form';
import { PageLoginContext } from '@/components/ui/page-login';
import type { PageState } from '@/lib/contract';
import { CancelLogin, LoginRequest } from './login-request';
import { LoginVerified } from './login-verified';
import { VerificationPage } from './verification-page';

/** The screens that differ from those of the app's own page. They are separate, so that page does not load them. */
const SCREENS = { FixedNumberForm, LoginVerified };

/** The page of a login: which application asks, the flow, and the way back. */
export function LoginPage(state: PageState) {
  const { login, messages } = state;
  if (!login) return null;
  return (
    <PageLoginContext value={login}>
      <VerificationPage
        {...state}
        screens={SCREENS}
        above={<LoginRequest login={login} messages={messages} />}
        below={<CancelLogin login={login} messages={messages} />}
      />
    </PageLoginContext>
  );
}
