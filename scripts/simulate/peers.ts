/**
 * The rules by which other products decide whether a message goes out. We wrote them from those products' documents,
 * without any of their code.
 */
import type { Answer, Ask, Defense, DefenseOptions } from './defense';
import { DAY_MS, HOUR_MS, PEOPLE } from './people';

const SENT: Answer = { kind: 'sent', verification: '' };

/** Sends whatever the rule lets pass. */
function ruled(refusalOf: (ask: Ask) => Answer | undefined, verified: (ask: Ask) => void = () => undefined): Defense {
  const send = async (ask: Ask): Promise<Answer> => refusalOf(ask) ?? SENT;
  return {
    send,
    resend: send,
    async verify(ask) {
      verified(ask);
      return true;
    },
  };
}

export const nothing = async (): Promise<Defense> => ruled(() => undefined);

/** Better Auth's phone number plugin: ten requests a minute from an address. */
const PER_ADDRESS = { windowMs: 60_000, max: 10 };

export async function perAddress({ now }: DefenseOptions): Promise<Defense> {
  const windows = new Map<string, { count: number; endsAt: number }>();
  return ruled(({ client: { address } }) => {
    const window = windows.get(address);
    if (!window || window.endsAt <= now()) {
      windows.set(address, { count: 1, endsAt: now() + PER_ADDRESS.windowMs });
      return undefined;
    }
    if (window.count >= PER_ADDRESS.max) return { kind: 'refused', by: 'per-address', waitMs: window.endsAt - now() };
    window.count += 1;
    return undefined;
  });
}

/**
 * Authgear's fraud protection counts each country's unverified codes. A day's threshold is 30 or, if that is more,
 * three tenths of the verified codes on the best of fourteen days. An hour's threshold is a sixth of the day's or, if
 * that is more, a fifth of the codes verified in an hour. Authgear only records by default; here it refuses.
 */
const PER_COUNTRY = { atLeast: 30, ofDay: 0.3, ofHour: 0.2, hoursOfDay: 6 };

/** A level that falls by its threshold in each period. */
class Leaking {
  #level = 0;
  #at = 0;

  constructor(readonly periodMs: number) {}

  drain(threshold: number, now: number): number {
    this.#level = Math.max(0, this.#level - (threshold * (now - this.#at)) / this.periodMs);
    this.#at = now;
    return this.#level;
  }

  add(count: number): void {
    this.#level = Math.max(0, this.#level + count);
  }
}

const SLOT_MS = 300_000;

/** Codes verified, in five-minute steps. */
class Recent {
  readonly #counts = new Map<number, number>();

  add(now: number): void {
    const slot = Math.floor(now / SLOT_MS);
    this.#counts.set(slot, (this.#counts.get(slot) ?? 0) + 1);
  }

  within(periodMs: number, now: number): number {
    const last = Math.floor(now / SLOT_MS);
    let sum = 0;
    for (let slot = last - periodMs / SLOT_MS + 1; slot <= last; slot += 1) sum += this.#counts.get(slot) ?? 0;
    return sum;
  }
}

class Country {
  readonly #hour = new Leaking(HOUR_MS);
  readonly #day = new Leaking(DAY_MS);
  readonly #verified = new Recent();
  /** How many messages have gone to a number since it was last verified. */
  readonly #unverified = new Map<string, number>();

  /** @param inUsualDay codes verified on the best of the last fourteen days */
  constructor(readonly inUsualDay: number) {}

  isFull(now: number): boolean {
    const { atLeast, ofDay, ofHour, hoursOfDay } = PER_COUNTRY;
    const forDay = Math.max(atLeast, ofDay * Math.max(this.inUsualDay, this.#verified.within(DAY_MS, now)));
    const forHour = Math.max(forDay / hoursOfDay, ofHour * this.#verified.within(HOUR_MS, now));
    return this.#day.drain(forDay, now) + 1 > forDay || this.#hour.drain(forHour, now) + 1 > forHour;
  }

  sent(number: string): void {
    this.#unverified.set(number, (this.#unverified.get(number) ?? 0) + 1);
    this.#hour.add(1);
    this.#day.add(1);
  }

  verified(number: string, now: number): void {
    const sent = this.#unverified.get(number) ?? 0;
    this.#unverified.delete(number);
    this.#hour.add(-sent);
    this.#day.add(-sent);
    this.#verified.add(now);
  }
}

export async function perCountry({ now }: DefenseOptions): Promise<Defense> {
  const countries = new Map<string, Country>();
  const countryOf = ({ market: { country, share, conversion } }: Ask) => {
    const known = countries.get(country) ?? new Country((PEOPLE.perDay * share * conversion) / 100);
    countries.set(country, known);
    return known;
  };
  return ruled(
    (ask) => {
      const country = countryOf(ask);
      if (country.isFull(now())) return { kind: 'refused', by: 'per-country', waitMs: undefined };
      country.sent(ask.number);
      return undefined;
    },
    (ask) => countryOf(ask).verified(ask.number, now()),
  );
}
