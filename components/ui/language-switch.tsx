import { LANGUAGES, type Language } from '@/lib/i18n/languages';
import styles from './language-switch.module.css';

/** Links to the page in every language, each by its own name. They work without script. */
export function LanguageSwitch({ label, current }: { label: string; current: Language }) {
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
            >
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
