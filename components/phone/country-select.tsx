import { type KeyboardEvent, type MouseEvent, type RefObject, useState } from 'react';
import { useElementId } from '@/components/ui/element-id';
import styles from '@/components/ui/field.module.css';
import { useText } from '@/components/ui/text';
import type { PageState } from '@/lib/contract';
import { directionOf } from '@/lib/i18n/languages';
import { sayCount } from '@/lib/i18n/say';

interface CountrySelectProps {
  ref: RefObject<HTMLSelectElement | null>;
  countries: PageState['countries'];
  /** ISO 3166-1 alpha-2. */
  chosen: string;
  /** @param done whether the person chose from an open list and so is done with it */
  onChange: (done: boolean) => void;
}

/** The list that replaces the platform's on a desktop. It loads when the select is first used, not with the page. */
let CountrySearch: typeof import('./country-search').CountrySearch | undefined;
let failed = false;
/** Whether the select was last used with a mouse or a finger. */
let byPointer = false;

async function load(): Promise<void> {
  try {
    ({ CountrySearch } = await import('./country-search'));
  } catch {
    failed = true;
  }
}

/** The keys that open a select. A character starts a search. For the mouse, the key is empty. */
const OPENS = /^(.?|Enter|F4|Arrow.*)$/;

/**
 * The country, as the platform's own select: light, familiar, and best on phones. On a device with a mouse, it opens as
 * a searchable list, or as the platform's list if the searchable one does not load.
 */
export function CountrySelect({ ref, countries, chosen, onChange }: CountrySelectProps) {
  const { messages, language } = useText();
  const id = useElementId('country');
  // Among letters from right to left, the plus would move to the end of the digits.
  const plus = directionOf(language) === 'rtl' ? '\u200e+' : '+';
  /** The search text; undefined while the list is closed. */
  const [query, setQuery] = useState<string>();

  function open(event: MouseEvent | KeyboardEvent) {
    const { key = '', button = 0 }: { key?: string; button?: number } = event;
    byPointer = !key;
    const isCommand = event.ctrlKey || event.metaKey || (event.altKey && !key[1]);
    if (failed || button || isCommand || !OPENS.test(key) || !matchMedia('(pointer: fine)').matches) return;
    event.preventDefault();
    void load().then(() => setQuery((typed = '') => typed + (key[1] ? '' : key.trim())));
  }

  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {messages.phone.country}
      </label>
      <div className={styles.picker}>
        <select
          ref={ref}
          id={id}
          name="country"
          className={styles.input}
          autoComplete="country"
          defaultValue={chosen}
          onPointerEnter={load}
          onFocus={load}
          onMouseDown={open}
          onKeyDown={open}
          // In the platform's select, every arrow key changes the country. So only a choice with a pointer moves the
          // focus to the number (WCAG 2.2, 3.2.2).
          onChange={() => onChange(byPointer)}
        >
          {countries.map(({ code, name, callingCode }) => (
            <option key={code} value={code}>
              {`${name} (${plus}${callingCode})`}
            </option>
          ))}
        </select>
        {query !== undefined && CountrySearch && ref.current && (
          <CountrySearch
            select={ref.current}
            words={messages.phone}
            countInWords={(count) => sayCount(messages.phone.countries, count, language)}
            countries={countries}
            typed={query}
            onChoose={() => onChange(true)}
            onClose={() => setQuery(undefined)}
          />
        )}
      </div>
    </div>
  );
}
