import type { ReactNode } from 'react';
import { BrandMark } from '@/components/ui/brand-mark';
import { LanguageSwitch } from '@/components/ui/language-switch';
import type { PageState } from '@/lib/contract';
import styles from './phone-verification.module.css';

interface CardPageProps extends Pick<PageState, 'brand' | 'language' | 'messages'> {
  /** The id of a form whose fields a change of language keeps. */
  form?: string | undefined;
  children: ReactNode;
}

/** The frame of every page but the static ones: a card that begins with the brand, and the languages below it. */
export function CardPage({ brand, language, messages, form, children }: CardPageProps) {
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <BrandMark name={brand.name} logo={brand.logo} />
        {children}
      </div>
      <LanguageSwitch label={messages.language} current={language} form={form} />
    </main>
  );
}
