import Head from 'next/head';
import { PhoneVerification, type PhoneVerificationProps } from '@/components/phone-verification';
import { pageProps } from '@/lib/http/page-props';
import { getServices } from '@/lib/services';

export const getServerSideProps = pageProps(getServices);

export default function HomePage(props: PhoneVerificationProps) {
  return (
    <>
      <Head>
        <title>Verify your phone number</title>
        <meta name="description" content="Verify a phone number with a one-time code sent to it by text message." />
      </Head>
      <PhoneVerification {...props} />
    </>
  );
}
