import { type RefObject, useEffect, useRef } from 'react';
import type { PageState } from '@/lib/contract';
import type { PhoneControls, ReadNumber } from './phone-controls';

/** How long a submit waits for the number format to load; after that, the server validates the number. */
const CHECK_WITHIN_MS = 1500;

/** The script of the controls. It loads when somebody first uses the number field, not with the page. */
let logic: typeof import('./phone-controls') | undefined;
const loadLogic = async () => {
  logic ??= await import('./phone-controls');
  return logic;
};

export interface PhoneInput {
  readonly number: RefObject<HTMLInputElement | null>;
  readonly country: RefObject<HTMLSelectElement | null>;
  /**
   * Groups the digits in the field, typed or autofilled, and finds their country.
   * @param group false while the person deletes: grouping would bring back the deleted character
   */
  readonly formatInput: (group?: boolean) => void;
  readonly readNumber: () => Promise<ReadNumber>;
}

/**
 * The two controls of a phone number. They are uncontrolled, so that text typed before the script runs stays.
 * @param onCountry see {@link PhoneControls}
 */
export function usePhoneInput(countries: PageState['countries'], onCountry: PhoneControls['onCountry']): PhoneInput {
  const number = useRef<HTMLInputElement>(null);
  const country = useRef<HTMLSelectElement>(null);

  const controls = () =>
    number.current && country.current && { number: number.current, country: country.current, countries, onCountry };

  function formatInput(group = true): void {
    const there = controls();
    if (!there) return;
    if (logic) logic.formatInput(there, group);
    // Without that script, the page groups no digits, and only the server validates. The next keystroke tries again.
    else
      loadLogic().then(
        () => formatInput(group),
        () => undefined,
      );
  }

  async function readNumber(): Promise<ReadNumber> {
    const there = controls();
    const late = new Promise<undefined>((resolve) => setTimeout(resolve, CHECK_WITHIN_MS, undefined));
    const answer = loadLogic().then(({ readNumber: read }) => there && read(there));
    return (await Promise.race([answer, late]).catch(() => undefined)) ?? { kind: 'unknown' };
  }

  // Text that was typed or autofilled before the script ran.
  useEffect(() => {
    if (number.current?.value) formatInput();
  }, []);

  return { number, country, formatInput, readNumber };
}
