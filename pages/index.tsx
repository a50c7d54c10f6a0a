import { partsOfThisPage } from '@/components/flow/split-screens';
import { VerificationPage } from '@/components/flow/verification-page';
import { pageProps } from '@/lib/http/page-props';
import { getServices } from '@/lib/services';

await partsOfThisPage();

export const getServerSideProps = pageProps(getServices, ({ title }) => title);

export default VerificationPage;
