import type { PageConfig } from 'next';
import { StaticPage } from '@/components/flow/static-page';
import { HOME } from '@/lib/base-path';

/** A page without scripts needs no nonce, so it can be static. */
export const config: Omit<PageConfig, 'runtime'> = { unstable_runtimeJS: false };

/** Replaces the framework's own page, which contains inline styles. */
export default function NotFoundPage() {
  return (
    <StaticPage title="Page not found">
      <p>There is nothing at this address.</p>
      <p>
        <a href={HOME}>Verify a phone number</a>
      </p>
    </StaticPage>
  );
}
