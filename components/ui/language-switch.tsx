import { type MouseEvent, useContext } from 'react';
import { LANGUAGES, type Language } from '@/lib/i18n/languages';
import { ChangeLanguage } from './change-language';
import styles from './language-switch.module.css';
import { isPlainClick } from './plain-click';

/** Links to the page in every language, each by its own name. They work without script. With script, typed text stays. */
export function LanguageSwitch({ label, current }: { label: string; current: Language }) {
  const changeTo = useContext(ChangeLanguage);

  function clicked(event: MouseEvent<HTMLAnchorElement>) {
    if (!changeTo || !isPlainClick(event)) return;
    event.preventDefault();
    changeTo(event.currentTarget.search);
  }

  return (
    <nav aria-label={label}>
      <ul className={styles.languages}>
        {Object.entries(LANGUAGES).map(([language, name]) => (
          <li key={language}>
            <a
              href={`?lang=${language}`}
              lang={language}
              hrefLang={language}
              aria-current={language === current ? 'true' : undefined}
              onClick={clicked}
            >
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
