import type { PageState } from '@/lib/contract';

export interface PhoneVerificationProps {
  /**
   * This browser's progress, its language and the countries: the reply from `GET /api/page-state`, or what `pageProps`
   * returns.
   */
  state: PageState;
  /**
   * Called with the number in E.164, once for each success that this page shows, even if the code was entered in
   * another tab. Don't trust what a browser says: on the server, use the session or `lib/on-verified.ts`.
   */
  onVerified?: (phoneNumber: string) => void;
}
