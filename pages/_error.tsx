import type { PageConfig } from 'next';
import Head from 'next/head';

/** Without scripts the page needs no nonce, and can be static. */
export const config: Omit<PageConfig, 'runtime'> = { unstable_runtimeJS: false };

/** For any problem except a wrong address. Replaces the framework's own page, which contains inline styles. */
export default function ErrorPage() {
  return (
    <main className="plain-page">
      <Head>
        <title>Something went wrong</title>
      </Head>
      <h1>Something went wrong</h1>
      <p>
        {/* Not <Link>: this also replaces a page whose script failed, and has to reload it. */}
        The page could not be shown. <a href="/">Try again</a>
      </p>
    </main>
  );
}
