import type { GetServerSideProps } from 'next';
import { partsOfThisPage } from '@/components/flow/split-screens';
import { VerificationPage } from '@/components/flow/verification-page';
import type { PageState } from '@/lib/contract';
import { pageProps } from '@/lib/http/page-props';
import { getServices } from '@/lib/services';
import styles from '@/styles/demo.module.css';

await partsOfThisPage();

const withInbox = pageProps(getServices, ({ title }) => title);

/** This page exists only in a demo. */
export const getServerSideProps: GetServerSideProps<PageState> = async (context) =>
  getServices().config.demoInboxUrl === undefined ? { notFound: true } : withInbox(context);

/** The page, with the simulator's inbox beside it, in place of a phone. */
export default function DemoPage({ inboxUrl, ...state }: PageState) {
  return (
    <div className={styles.demo}>
      <VerificationPage {...state} inboxUrl={null} />
      {inboxUrl && <iframe className={styles.inbox} src={inboxUrl} title="Inbox" allow="clipboard-write" />}
    </div>
  );
}
