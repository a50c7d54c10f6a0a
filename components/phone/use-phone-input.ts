import { type RefObject, useEffect, useRef } from 'react';
import type { PageState } from '@/lib/contract';
import type { PhoneControls, ReadNumber } from './phone-controls';

/** How long a submit waits for what tells a number from none; after that the server does. */
const CHECK_WITHIN_MS = 1500;

/** What the controls do, once it is there: it comes with the first look at the number, not with the page. */
let logic: typeof import('./phone-controls') | undefined;
const loadLogic = async () => {
  logic ??= await import('./phone-controls');
  return logic;
};

export interface PhoneInput {
  readonly number: RefObject<HTMLInputElement | null>;
  readonly country: RefObject<HTMLSelectElement | null>;
  /**
   * Groups what is typed, and finds its country. Also for what a browser fills in.
   * @param group false while something is deleted: grouping anew would bring back what was just taken away
   */
  readonly formatInput: (group?: boolean) => void;
  readonly readNumber: () => Promise<ReadNumber>;
}

/**
 * The two controls of a phone number: they hold their values themselves, so that what is typed before the script stays.
 * @param onCountry told where the number itself says another country, and how numbers of the chosen one are written
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
    // Without it nothing is grouped, and the server alone says what is a number. The next keystroke tries again.
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

  // What was typed, or filled in by the browser, before the script ran.
  useEffect(() => {
    if (number.current?.value) formatInput();
  }, []);

  return { number, country, formatInput, readNumber };
}
