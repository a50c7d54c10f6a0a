import type { PageConfig } from 'next';
import Head from 'next/head';

/** With no script the page needs no nonce, and can be static. */
export const config: Omit<PageConfig, 'runtime'> = { unstable_runtimeJS: false };

/** For whatever is wrong but the address. In place of the framework's own page, which carries inline styles. */
export default function ErrorPage() {
  return (
    <main className="plain-page">
      <Head>
        <title>Something went wrong</title>
      </Head>
      <h1>Something went wrong</h1>
      <p>
        {/* No <Link>: this also takes the place of a page whose script failed, and has to load it anew. */}
        The page could not be shown. <a href="/">Try again</a>
      </p>
    </main>
  );
}
