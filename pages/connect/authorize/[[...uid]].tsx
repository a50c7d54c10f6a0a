import { RefusedPage } from '@/components/flow/refused-page';
import { authorizeProps } from '@/lib/http/login-props';
import { getServices } from '@/lib/services';

/** The authorization endpoint (RFC 6749, §3.1). It shows a page only if it cannot send the person on. */
export const getServerSideProps = authorizeProps(getServices);

export default RefusedPage;
