/** How strong a login can be, from the strongest. `lib/verification/proof.ts` says what they mean. */
export const ACR_VALUES: readonly string[] = ['phr', 'otp', 'restricted'];

/** All that codes by phone can give. */
export const CODES_ALONE: readonly string[] = ['restricted'];
