import screen from '@/components/ui/screen.module.css';
import type { PageBrand } from '@/lib/contract';
import type { Language } from '@/lib/i18n/languages';
import type { Messages } from '@/lib/i18n/messages';
import { say } from '@/lib/i18n/say';
import { CardPage } from './card-page';

interface RefusedPageProps {
  brand: PageBrand;
  language: Language;
  messages: Messages;
  /** An error code, for the application's support. */
  error: string;
}

/** The page for a refused request that cannot go back to an application. */
export function RefusedPage({ brand, language, messages, error }: RefusedPageProps) {
  const text = error === 'LOGIN_NOT_FOUND' ? messages.problems.LOGIN_NOT_FOUND : say(messages.login.refused, { error });
  return (
    <CardPage brand={brand} language={language} messages={messages}>
      <h1 className={screen.heading}>{messages.login.refusedHeading}</h1>
      <p>{text}</p>
    </CardPage>
  );
}
