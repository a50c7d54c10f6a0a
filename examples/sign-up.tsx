import { PhoneVerification } from '@/components/flow/phone-verification';
import { partsOfThisPage } from '@/components/flow/split-screens';
import type { PageState } from '@/lib/contract';
import { pageProps } from '@/lib/http/page-props';
import { getServices } from '@/lib/services';

await partsOfThisPage();

export const getServerSideProps = pageProps(getServices);

export default function SignUp(state: PageState) {
  return <PhoneVerification state={state} onVerified={(phoneNumber) => console.log(phoneNumber)} />;
}
