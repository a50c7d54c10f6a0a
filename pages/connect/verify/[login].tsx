import type { InferGetServerSidePropsType } from 'next';
import { RefusedPage } from '@/components/flow/refused-page';
import { VerificationPage } from '@/components/flow/verification-page';
import { loginProps } from '@/lib/http/login-props';
import { getServices } from '@/lib/services';

export const getServerSideProps = loginProps(getServices);

/** Verifies a number for another application. */
export default function LoginPage(props: InferGetServerSidePropsType<typeof getServerSideProps>) {
  return 'error' in props ? <RefusedPage {...props} /> : <VerificationPage {...props} />;
}
