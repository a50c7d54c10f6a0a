import type { ReactNode } from 'react';
import { BrandMark } from '@/components/ui/brand-mark';
import { LanguageSwitch } from '@/components/ui/language-switch';
import type { PageState } from '@/lib/contract';
import styles from './phone-verification.module.css';

type CardPageProps = Pick<PageState, 'brand' | 'language' | 'messages'> & { children: ReactNode };

/** The frame of every page: the brand, a card, and the languages below it. */
export function CardPage({ brand, language, messages, children }: CardPageProps) {
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <BrandMark name={brand.name} logo={brand.logo} />
        {children}
      </div>
      <LanguageSwitch label={messages.language} current={language} />
    </main>
  );
}
