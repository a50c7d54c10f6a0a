import { type KeyboardEvent, type RefObject, useRef } from 'react';
import styles from '@/components/ui/field.module.css';
import type { PageState } from '@/lib/contract';

interface CountrySelectProps {
  ref: RefObject<HTMLSelectElement | null>;
  label: string;
  countries: PageState['countries'];
  /** ISO 3166-1 alpha-2. */
  chosen: string;
  /** @param done whether it was chosen from the open list by mouse or touch: whoever did so is done with it */
  onChange: (done: boolean) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

/**
 * The country, as the platform's own list: light, known to everybody, and what phones do best. With the keyboard every
 * arrow is a choice, so there the focus stays (WCAG 2.2, 3.2.2 On Input).
 */
export function CountrySelect({ ref, label, countries, chosen, onChange, onKeyDown }: CountrySelectProps) {
  const byPointer = useRef(false);
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor="country">
        {label}
      </label>
      <select
        ref={ref}
        id="country"
        name="country"
        className={`${styles.input} ${styles.select}`}
        autoComplete="country"
        defaultValue={chosen}
        onPointerDown={() => {
          byPointer.current = true;
        }}
        onKeyDown={(event) => {
          byPointer.current = false;
          onKeyDown(event);
        }}
        onChange={() => onChange(byPointer.current)}
      >
        {countries.map(({ code, name, callingCode }) => (
          <option key={code} value={code}>
            {`${name} (+${callingCode})`}
          </option>
        ))}
      </select>
    </div>
  );
}
