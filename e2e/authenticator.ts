import type { CDPSession, Page } from '@playwright/test';

/** An authenticator in software. To the page it looks like one that is built into the device. */
export interface Authenticator {
  /** How many passkeys the authenticator has. */
  count(): Promise<number>;
  /** From now on, it does not recognize the person, so the dialog ends without an answer. */
  refuse(): Promise<void>;
  /** From now on, it recognizes the person again. */
  accept(): Promise<void>;
  /** Forgets all passkeys. */
  clear(): Promise<void>;
  /** From now on, its answers have a wrong signature, or say that it did not verify the person. */
  spoil(how: 'signature' | 'user verification'): Promise<void>;
}

const OPTIONS = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;

/** Each page can have only one authenticator. */
const added = new WeakMap<Page, Authenticator>();

/** Gives a page an empty authenticator, which answers at once. A second call for the same page empties it again. */
export async function addAuthenticator(page: Page): Promise<Authenticator> {
  const known = added.get(page);
  if (known) {
    await Promise.all([known.accept(), known.clear()]);
    return known;
  }
  const devtools: CDPSession = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', { options: OPTIONS });
  const setVerified = async (isUserVerified: boolean) => {
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
  };
  const authenticator: Authenticator = {
    count: async () => (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length,
    refuse: () => setVerified(false),
    accept: () => setVerified(true),
    async clear() {
      await devtools.send('WebAuthn.clearCredentials', { authenticatorId });
    },
    async spoil(how) {
      const bits = how === 'signature' ? { isBogusSignature: true } : { isBadUV: true };
      await devtools.send('WebAuthn.setResponseOverrideBits', { authenticatorId, ...bits });
    },
  };
  added.set(page, authenticator);
  return authenticator;
}
