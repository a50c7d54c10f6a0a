import { useContext } from 'react';
import { LANGUAGES, type Language } from '@/lib/i18n/languages';
import { ChangeLanguage } from './change-language';
import styles from './language-switch.module.css';

interface LanguageSwitchProps {
  label: string;
  current: Language;
  /** The id of a form whose fields the next page keeps; undefined if nothing can have been typed. */
  form: string | undefined;
}

/**
 * A button for each language, with the language's own name. Without script, the buttons submit a form: the one with the
 * typed text, so that the next page has the text, too, or else one of their own. With script, they submit nothing, and
 * typed text stays.
 */
export function LanguageSwitch({ label, current, form }: LanguageSwitchProps) {
  const changeTo = useContext(ChangeLanguage);
  return (
    <nav aria-label={label}>
      <form>
        <ul className={styles.languages}>
          {Object.entries(LANGUAGES).map(([language, name]) => (
            <li key={language}>
              <button
                type="submit"
                form={form}
                formAction={form && '?'}
                name="lang"
                value={language}
                lang={language}
                aria-current={language === current || undefined}
                onClick={(event) => {
                  event.preventDefault();
                  changeTo(`?lang=${language}`);
                }}
              >
                {name}
              </button>
            </li>
          ))}
        </ul>
      </form>
    </nav>
  );
}
