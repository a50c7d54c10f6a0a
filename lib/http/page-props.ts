import type { GetServerSideProps } from 'next';
import type { PendingVerification } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import type { Dependencies } from '@/lib/verification/dependencies';
import { pendingVerification } from '@/lib/verification/pending-verification';
import { readCookie } from './cookies';

/** What the server tells the page when it loads. */
export type PageProps = {
  /** The verification of this browser, so that a reload shows the right screen; null where there is none. */
  pending: PendingVerification | null;
  /** The simulator's inbox, in demo mode only. */
  inboxUrl: string | null;
};

/** Makes the page's `getServerSideProps`. It sends nothing. */
export const pageProps =
  (getServices: () => Dependencies): GetServerSideProps<PageProps> =>
  async ({ req, res }) => {
    const services = getServices();
    res.setHeader('Cache-Control', 'no-store');
    // Without the store the page still comes, at its first screen.
    const pending = await pendingVerification(services, readCookie(req, services.config, 'verification')).catch(
      (error: unknown) => {
        if (error instanceof AppError) return undefined;
        throw error;
      },
    );
    return { props: { pending: pending ?? null, inboxUrl: services.config.demoInboxUrl ?? null } };
  };
