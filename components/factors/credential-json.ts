/**
 * Turns what browsers return into WebAuthn's JSON (Level 3, §5.1.8 to §5.1.10). It does without the browser's own
 * methods: Safari before 18.4 has none, and password managers that replace the browser's dialog return credentials
 * whose `toJSON` throws.
 */
function toText(bytes: ArrayBuffer): string {
  const text = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The names of the fields in an authenticator's answer, in both ceremonies. */
const ANSWERS = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'] as const;

export function credentialJson(credential: PublicKeyCredential): Record<string, unknown> {
  const { id, rawId, type, authenticatorAttachment, response } = credential;
  const given = response as unknown as Partial<Record<(typeof ANSWERS)[number], ArrayBuffer | null>>;
  const { getTransports } = response as AuthenticatorAttestationResponse;
  return {
    id,
    rawId: toText(rawId),
    type,
    authenticatorAttachment: authenticatorAttachment ?? undefined,
    response: {
      ...Object.fromEntries(ANSWERS.flatMap((name) => (given[name] ? [[name, toText(given[name])]] : []))),
      transports: getTransports?.call(response),
    },
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}
