import { VerificationPage } from '@/components/flow/verification-page';
import { pageProps } from '@/lib/http/page-props';
import { getServices } from '@/lib/services';

export const getServerSideProps = pageProps(getServices, ({ title }) => title);

export default VerificationPage;
