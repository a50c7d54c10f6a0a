import { SignInPage } from '@/components/factors/sign-in/sign-in-page';
import { signInProps } from '@/lib/http/sign-in-props';
import { getServices } from '@/lib/services';

/** This page exists only if factors other than codes by phone are on. */
export const getServerSideProps = signInProps(getServices);

export default SignInPage;
