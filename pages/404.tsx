import Head from 'next/head';
import Link from 'next/link';

/** In place of the framework's own page, which carries inline styles. */
export default function NotFoundPage() {
  return (
    <main className="plain-page">
      <Head>
        <title>Page not found</title>
      </Head>
      <h1>Page not found</h1>
      <p>
        There is nothing at this address. <Link href="/">Verify a phone number</Link>
      </p>
    </main>
  );
}
