import type { InferGetServerSidePropsType } from 'next';
import { LoginPage } from '@/components/flow/login-page';
import { RefusedPage } from '@/components/flow/refused-page';
import { partsOfThisPage } from '@/components/flow/split-screens';
import { loginProps } from '@/lib/http/login-props';
import { getServices } from '@/lib/services';

await partsOfThisPage();

export const getServerSideProps = loginProps(getServices);

/** Verifies a number for another application. */
export default function ConnectPage(props: InferGetServerSidePropsType<typeof getServerSideProps>) {
  return 'error' in props ? <RefusedPage {...props} /> : <LoginPage {...props} />;
}
