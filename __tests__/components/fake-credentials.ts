/** Takes the place of authenticators, and remembers what the page asked them. */
interface Asked {
  readonly mediation: CredentialMediationRequirement | undefined;
  readonly publicKey: PublicKeyCredentialRequestOptions | PublicKeyCredentialCreationOptions | undefined;
}

const bytes = (text: string) => new TextEncoder().encode(text).buffer;

/** A credential as browsers return it, without the methods that some lack. */
export const CREDENTIAL = {
  id: 'AQID',
  rawId: new Uint8Array([1, 2, 3]).buffer,
  type: 'public-key',
  authenticatorAttachment: null,
  getClientExtensionResults: () => ({}),
  response: {
    clientDataJSON: bytes('{}'),
    authenticatorData: new Uint8Array([255, 254, 253]).buffer,
    signature: bytes('signed'),
    userHandle: null,
  },
};

/** What `navigator.credentials` was asked for, in order. */
export const asked: Asked[] = [];

type Answer = () => Promise<unknown>;

/** Answers with a passkey. */
export const choose: Answer = async () => CREDENTIAL;
/** The person closes the dialog, or lets it time out. */
export const cancel: Answer = async () => {
  throw new DOMException('', 'NotAllowedError');
};
/** The device already has a passkey of this account. */
export const exists: Answer = async () => {
  throw new DOMException('', 'InvalidStateError');
};

/** Waits until the page aborts the request, as it does with a suggestion that nobody chooses. */
const forever = (signal: AbortSignal | undefined) =>
  new Promise((_, fail) => {
    signal?.addEventListener('abort', () => fail(new DOMException('', 'AbortError')));
  });

/**
 * Gives jsdom passkeys.
 * @param dialog the outcome of the dialog
 * @param suggestion the outcome of the list in the number field; by default, nobody chooses anything there
 */
export function usePasskeys(dialog: Answer, suggestion?: Answer): void {
  asked.length = 0;
  Object.assign(window, { PublicKeyCredential: { isConditionalMediationAvailable: async () => true } });
  Object.defineProperty(navigator, 'credentials', {
    configurable: true,
    value: {
      get(options: CredentialRequestOptions) {
        const { mediation, publicKey, signal } = options;
        asked.push({ mediation, publicKey });
        if (mediation !== 'conditional') return dialog();
        return suggestion?.() ?? forever(signal);
      },
      create({ publicKey }: CredentialCreationOptions) {
        asked.push({ mediation: undefined, publicKey });
        return dialog();
      },
    },
  });
}

/** Takes the passkeys away again: most browsers of the tests have none. */
export function noPasskeys(): void {
  Reflect.deleteProperty(window, 'PublicKeyCredential');
  Reflect.deleteProperty(navigator, 'credentials');
}
