/**
 * WebAuthn's JSON (Level 3, §5.1.8 to §5.1.10) to and from what the browser takes and gives. Not with the browser's own methods:
 * Safari before 18.4 has none, and password managers that replace the browser's dialog return credentials whose `toJSON` throws.
 */
import type { PasskeyOptionsReply } from '@/lib/contract';

function toBytes(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
}

function toText(bytes: ArrayBuffer): string {
  const text = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

const described = ({ id, ...rest }: PublicKeyCredentialDescriptorJSON) =>
  ({ ...rest, id: toBytes(id) }) as PublicKeyCredentialDescriptor;

export function creationOptions({ publicKey }: PasskeyOptionsReply): PublicKeyCredentialCreationOptions {
  const { challenge, user, excludeCredentials = [], ...rest } = publicKey as PublicKeyCredentialCreationOptionsJSON;
  return {
    // The same in both forms.
    ...(rest as Pick<PublicKeyCredentialCreationOptions, 'rp' | 'pubKeyCredParams'>),
    challenge: toBytes(challenge),
    user: { ...user, id: toBytes(user.id) },
    excludeCredentials: excludeCredentials.map(described),
  };
}

export function requestOptions({ publicKey }: PasskeyOptionsReply): PublicKeyCredentialRequestOptions {
  const { challenge, allowCredentials = [], ...rest } = publicKey as PublicKeyCredentialRequestOptionsJSON;
  return {
    ...(rest as object),
    challenge: toBytes(challenge),
    allowCredentials: allowCredentials.map(described),
  };
}

/** The names of what an authenticator answers, in both ceremonies. */
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
