import Head from 'next/head';
import type { ReactNode } from 'react';
import mark from '@/components/ui/brand-mark.module.css';
import screen from '@/components/ui/screen.module.css';
import styles from './phone-verification.module.css';

/**
 * The frame of pages that the build renders: in English, without script, and so without a choice of languages. The
 * build knows nothing of the brand, so the style sheet from `/brand/` puts its logo or name into `brand-mark`.
 */
export function StaticPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className={styles.page}>
      <Head>
        <title>{title}</title>
      </Head>
      <div className={styles.card}>
        <div className={`${mark.mark} brand-mark`}>
          <span className={mark.symbol} />
        </div>
        <h1 className={screen.heading}>{title}</h1>
        {children}
      </div>
    </main>
  );
}
