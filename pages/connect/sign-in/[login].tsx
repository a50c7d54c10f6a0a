import type { InferGetServerSidePropsType } from 'next';
import { SignInPage } from '@/components/factors/sign-in/sign-in-page';
import { RefusedPage } from '@/components/flow/refused-page';
import { loginSignInProps } from '@/lib/http/sign-in-props';
import { getServices } from '@/lib/services';

export const getServerSideProps = loginSignInProps(getServices);

/** Verifies a number for another application with a code from an authenticator app, or a recovery code. */
export default function ConnectSignInPage(props: InferGetServerSidePropsType<typeof getServerSideProps>) {
  return 'error' in props ? <RefusedPage {...props} /> : <SignInPage {...props} />;
}
