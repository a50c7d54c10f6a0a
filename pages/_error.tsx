import type { PageConfig } from 'next';
import { StaticPage } from '@/components/flow/static-page';
import { HOME } from '@/lib/base-path';

/** A page without scripts needs no nonce, so it can be static. */
export const config: Omit<PageConfig, 'runtime'> = { unstable_runtimeJS: false };

/** For any problem except a wrong address. Replaces the framework's own page, which contains inline styles. */
export default function ErrorPage() {
  return (
    <StaticPage title="Something went wrong">
      <p>The page could not be shown.</p>
      <p>
        {/* Not a <Link>, because this also has to reload a page whose script failed. */}
        <a href={HOME}>Try again</a>
      </p>
    </StaticPage>
  );
}
