import type { PageConfig } from 'next';
import Head from 'next/head';

/** Without scripts the page needs no nonce, and can be static. */
export const config: Omit<PageConfig, 'runtime'> = { unstable_runtimeJS: false };

/** Replaces the framework's own page, which contains inline styles. */
export default function NotFoundPage() {
  return (
    <main className="plain-page">
      <Head>
        <title>Page not found</title>
      </Head>
      <h1>Page not found</h1>
      <p>
        There is nothing at this address. <a href="/">Verify a phone number</a>
      </p>
    </main>
  );
}
