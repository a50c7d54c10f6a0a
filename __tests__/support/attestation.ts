import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type Attestation, type Cbor, type Passkey, signatureOf } from './authenticator';

const ES256 = -7;

const statement = (fields: Record<string, Cbor>) => new Map<Cbor, Cbor>(Object.entries(fields));

/** Signs the attestation with the passkey itself (WebAuthn Level 3, §8.2). */
export const selfAttested: Attestation = (data, passkey: Passkey) => [
  'packed',
  statement({ alg: ES256, sig: signatureOf(passkey, data) }),
];

/** One item of DER (ITU-T X.690, §8). */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const text = (value: string) => der(0x13, Buffer.from(value));

/** Countries, organizations and names, as authenticators' certificates must have them (WebAuthn Level 3, §8.2.1). */
const NAME = sequence(
  ...Object.entries({ '550406': 'US', '55040a': 'Maker', '55040b': 'Authenticator Attestation', '550403': 'Key' }).map(
    ([attribute, value]) => der(0x31, sequence(oid(attribute), text(value))),
  ),
);
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const VALIDITY = sequence(...['200101000000Z', '491231235959Z'].map((time) => der(0x17, Buffer.from(time))));

/** A certificate that somebody made for a key of their own (RFC 5280, §4.1). */
function certificateOf(publicKey: KeyObject, privateKey: KeyObject): Buffer {
  const version3 = der(0xa0, der(0x02, Buffer.from([2])));
  const serial = der(0x02, Buffer.from([1]));
  const key = publicKey.export({ type: 'spki', format: 'der' });
  const signed = sequence(version3, serial, ECDSA_WITH_SHA256, NAME, VALIDITY, NAME, key);
  const signature = der(0x03, Buffer.concat([Buffer.alloc(1), sign('sha256', signed, privateKey)]));
  return sequence(signed, ECDSA_WITH_SHA256, signature);
}

/** Signs the attestation with a certificate that is valid in itself. */
export const certified: Attestation = (data) => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const x5c = [certificateOf(publicKey, privateKey)];
  return ['packed', statement({ alg: ES256, sig: sign('sha256', data, privateKey), x5c })];
};

/** A format with a statement that need not fit it. */
export const attestedBy =
  (format: string, fields: Record<string, Cbor> = {}): Attestation =>
  () => [format, statement(fields)];
