/**
 * Turns WebAuthn's JSON (Level 3, §5.1.8 to §5.1.10) into what browsers take. It does without the browser's own
 * methods: Safari before 18.4 has none.
 */
import type { PasskeyOptionsReply } from '@/lib/contract';

export function toBytes(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
}

export const described = ({ id, ...rest }: PublicKeyCredentialDescriptorJSON) =>
  ({ ...rest, id: toBytes(id) }) as PublicKeyCredentialDescriptor;

export function requestOptions({ publicKey }: PasskeyOptionsReply): PublicKeyCredentialRequestOptions {
  const { challenge, allowCredentials = [], ...rest } = publicKey as PublicKeyCredentialRequestOptionsJSON;
  return {
    ...(rest as object),
    challenge: toBytes(challenge),
    allowCredentials: allowCredentials.map(described),
  };
}
