import { createContext, type ReactNode, useContext } from 'react';
import type { Language } from '@/lib/i18n/languages';
import type { Messages } from '@/lib/i18n/messages';

/** The language of the page, and its texts. */
export interface Text {
  readonly language: Language;
  readonly messages: Messages;
}

const TextContext = createContext<Text | null>(null);

/** Provides the texts of one language to its children. */
export function TextProvider({ children, ...text }: Text & { children: ReactNode }) {
  return <TextContext value={text}>{children}</TextContext>;
}

export function useText(): Text {
  const text = useContext(TextContext);
  if (!text) throw new Error('There is no <TextProvider> around this component.');
  return text;
}
