/** Remembers in this browser that the person does not want the offer of a passkey. */
const KEY = 'phone-verification.passkey-offer';

/** A browser may refuse to store anything. The offer then appears again. */
function attempt<Result>(act: () => Result): Result | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

export const isOfferDismissed = (): boolean => attempt(() => localStorage.getItem(KEY)) === 'dismissed';

export const dismissOffer = (): void => attempt(() => localStorage.setItem(KEY, 'dismissed'));
