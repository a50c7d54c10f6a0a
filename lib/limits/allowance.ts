const HOUR_MS = 3_600_000;

/** How often this process may do something within an hour, no matter which client asks for it. */
export interface Allowance {
  readonly hasRoom: () => boolean;
  readonly take: () => void;
  readonly giveBack: () => void;
}

export function createAllowance(perHour: number): Allowance {
  let taken = 0;
  let endsAt = 0;
  return {
    hasRoom() {
      if (Date.now() >= endsAt) {
        taken = 0;
        endsAt = Date.now() + HOUR_MS;
      }
      return taken < perHour;
    },
    take() {
      taken += 1;
    },
    giveBack() {
      taken = Math.max(0, taken - 1);
    },
  };
}
