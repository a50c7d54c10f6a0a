import Head from 'next/head';
import { PhoneVerification } from '@/components/phone-verification';
import type { PageState } from '@/lib/contract';
import { pageProps } from '@/lib/http/page-props';
import { getServices } from '@/lib/services';

export const getServerSideProps = pageProps(getServices);

export default function HomePage({ messages, pending, inboxUrl }: PageState) {
  return (
    <>
      <Head>
        <title>{messages.title}</title>
        <meta name="description" content={messages.description} />
      </Head>
      <PhoneVerification pending={pending} inboxUrl={inboxUrl} />
    </>
  );
}
