import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import type { PageCountry } from '@/lib/contract';
import type { Messages } from '@/lib/i18n/messages';
import styles from './country-search.module.css';
import { findCountries } from './find-countries';

interface CountrySearchProps {
  /** Lies below the list and holds the value. */
  select: HTMLSelectElement;
  /** Texts come as props: a module shared with the page would become another file that the page has to load first. */
  words: Messages['phone'];
  /** The number of countries found, in words. */
  countInWords: (count: number) => string;
  countries: readonly PageCountry[];
  /** What was typed before the list appeared. */
  typed: string;
  /** Called when the select has its value. Moves the focus elsewhere. */
  onChoose: () => void;
  /** Called when the focus has left. */
  onClose: () => void;
}

/** The option that a key moves to, from `index` in a list of `count`. */
const MOVES: Readonly<Record<string, (index: number, count: number) => number>> = {
  ArrowDown: (index, count) => (index + 1) % count,
  ArrowUp: (index, count) => (index - 1 + count) % count,
  PageDown: (index, count) => Math.min(index + 6, count - 1),
  PageUp: (index) => Math.max(index - 6, 0),
  Home: () => 0,
  End: (_, count) => count - 1,
};

/**
 * A searchable list of countries that replaces the open select: an editable combobox with a listbox (ARIA Authoring
 * Practices Guide). It stays open while it has the focus.
 */
export function CountrySearch(props: CountrySearchProps) {
  const { select, words, countries } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState(props.typed);
  const [active, setActive] = useState(select.value);
  const found = findCountries(query, countries);
  const index = Math.max(
    found.findIndex(({ code }) => code === active),
    0,
  );

  useLayoutEffect(() => {
    select.inert = true;
    input.current?.focus();
    const options = list.current;
    const chosen = options?.querySelector<HTMLElement>('[aria-selected=true]');
    if (options && chosen) options.scrollTop = chosen.offsetTop - (options.clientHeight - chosen.offsetHeight) / 2;
    options?.parentElement?.scrollIntoView({ block: 'nearest' });
    return () => {
      select.inert = false;
    };
  }, [select]);

  function choose(country: PageCountry | undefined) {
    if (!country) return;
    select.value = country.code;
    props.onChoose();
  }

  function pressed(event: KeyboardEvent) {
    const { key } = event;
    if (event.nativeEvent.isComposing) return;
    if (key === 'Enter') choose(found[index]);
    else if (key === 'Escape') {
      select.inert = false;
      select.focus();
    } else {
      const next = MOVES[key]?.(index, found.length);
      if (next === undefined) return;
      setActive(found[next]?.code ?? '');
      list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
    }
    event.preventDefault();
  }

  return (
    <div className={styles.search}>
      <input
        ref={input}
        className={styles.query}
        role="combobox"
        aria-label={words.country}
        aria-expanded="true"
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={found[index] && `${id}${found[index].code}`}
        autoComplete="off"
        spellCheck={false}
        placeholder={words.search}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setActive('');
          list.current?.scrollTo(0, 0);
        }}
        onKeyDown={pressed}
        // The list stays open if the whole window loses the focus, because the focus returns to the field later.
        onBlur={() => document.activeElement !== input.current && props.onClose()}
      />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keeps the focus where it is, and does nothing else */}
      <div className={styles.panel} onMouseDown={(event) => event.preventDefault()}>
        {/* Scrolls, but is not a tab stop. */}
        <div ref={list} id={id} className={styles.list} role="listbox" aria-label={words.country} tabIndex={-1}>
          {found.map((country, i) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox has the keys
            <div
              key={country.code}
              id={`${id}${country.code}`}
              className={styles.option}
              role="option"
              tabIndex={-1}
              aria-selected={i === index}
              data-chosen={country.code === select.value || undefined}
              onPointerMove={() => setActive(country.code)}
              onClick={() => choose(country)}
            >
              {country.name} <bdi dir="ltr">+{country.callingCode}</bdi>
            </div>
          ))}
        </div>
        {found.length === 0 && <p className={styles.none}>{words.noCountry}</p>}
        <p className="visually-hidden" role="status">
          {query && (found.length === 0 ? words.noCountry : props.countInWords(found.length))}
        </p>
      </div>
    </div>
  );
}
