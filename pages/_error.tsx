import type { PageConfig } from 'next';
import { StaticPage } from '@/components/flow/static-page';
import { HOME } from '@/lib/base-path';

/** Without scripts the page needs no nonce, and can be static. */
export const config: Omit<PageConfig, 'runtime'> = { unstable_runtimeJS: false };

/** For any problem except a wrong address. Replaces the framework's own page, which contains inline styles. */
export default function ErrorPage() {
  return (
    <StaticPage title="Something went wrong">
      <p>The page could not be shown.</p>
      <p>
        {/* Not <Link>: this also replaces a page whose script failed, and has to reload it. */}
        <a href={HOME}>Try again</a>
      </p>
    </StaticPage>
  );
}
