import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export type Cbor = number | string | Buffer | Map<Cbor, Cbor> | readonly Cbor[];

/** The beginning of an item: its major type, and a number below 65,536 (RFC 8949, §3). */
function head(major: number, value: number): Buffer {
  const type = major << 5;
  if (value < 24) return Buffer.from([type | value]);
  if (value < 256) return Buffer.from([type | 24, value]);
  return Buffer.from([type | 25, value >> 8, value & 255]);
}

/** As much of CBOR as authenticators need. */
export function cbor(item: Cbor): Buffer {
  if (typeof item === 'number') return item < 0 ? head(1, -1 - item) : head(0, item);
  if (typeof item === 'string') return Buffer.concat([head(3, Buffer.byteLength(item)), Buffer.from(item)]);
  if (Buffer.isBuffer(item)) return Buffer.concat([head(2, item.length), item]);
  if (item instanceof Map)
    return Buffer.concat([head(5, item.size), ...[...item].flatMap(([key, value]) => [cbor(key), cbor(value)])]);
  return Buffer.concat([head(4, (item as readonly Cbor[]).length), ...(item as readonly Cbor[]).map(cbor)]);
}

const bytes = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');

/** COSE keys (RFC 9052, §7) of the algorithms that we take, and of one that we do not. */
const ALGORITHMS = {
  ES256: {
    make: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    hash: 'sha256',
    cose: ({ x, y }: JsonWebKey) => [
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(x)],
      [-3, bytes(y)],
    ],
  },
  ES384: {
    make: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    hash: 'sha384',
    cose: ({ x, y }: JsonWebKey) => [
      [1, 2],
      [3, -35],
      [-1, 2],
      [-2, bytes(x)],
      [-3, bytes(y)],
    ],
  },
  EdDSA: {
    make: () => generateKeyPairSync('ed25519'),
    hash: null,
    cose: ({ x }: JsonWebKey) => [
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, bytes(x)],
    ],
  },
  RS256: {
    make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    hash: 'sha256',
    cose: ({ n, e }: JsonWebKey) => [
      [1, 3],
      [3, -257],
      [-1, bytes(n)],
      [-2, bytes(e)],
    ],
  },
} as const;

export type Algorithm = keyof typeof ALGORITHMS;

/** Makes a format and a statement about what an authenticator signs. */
export type Attestation = (signed: Buffer, passkey: Passkey) => readonly [string, Map<Cbor, Cbor>];

const unattested: Attestation = () => ['none', new Map()];

/** What a browser and an authenticator may do wrong. */
export interface Wrongs {
  readonly type?: string;
  readonly origin?: string;
  readonly rpId?: string;
  /** Replaces the challenge in the options. */
  readonly challenge?: string;
  readonly crossOrigin?: unknown;
  readonly topOrigin?: unknown;
  /** The flags: user present, user verified, backup eligible, backed up. */
  readonly flags?: Partial<Record<'up' | 'uv' | 'be' | 'bs', boolean>>;
  readonly counter?: number;
  /** Null leaves the field out. */
  readonly userHandle?: string | null;
  readonly credentialId?: string;
  readonly isSignatureWrong?: boolean;
  /** Signs with a key that is not the passkey's. */
  readonly signer?: Passkey;
  /** Replaces the attestation `none`. */
  readonly attest?: Attestation;
}

/** A passkey, as its authenticator keeps it. */
export interface Passkey {
  readonly id: string;
  readonly algorithm: Algorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly userHandle: string;
  counter: number;
}

/** Creation or request options, in the JSON of a reply. */
// biome-ignore lint/suspicious/noExplicitAny: as in the replies of the app
export type PublicKeyOptions = any;

export interface Credential {
  id: string;
  rawId: string;
  type: string;
  response: Record<string, unknown>;
  [field: string]: unknown;
}

const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest();

interface Device {
  /** The origin of the page in the browser. */
  readonly origin: string;
  /** Whether it counts signatures, as security keys do. */
  readonly isCounting?: boolean;
  /** Whether it syncs passkeys across devices. */
  readonly isSyncing?: boolean;
}

/**
 * A browser and an authenticator in software (WebAuthn Level 3, §6.3). It holds the passkeys that it creates, and does
 * everything wrong that it is told to.
 */
export class Authenticator {
  readonly passkeys: Passkey[] = [];
  readonly #device: Device;

  constructor(device: Device) {
    this.#device = device;
  }

  /** The passkey that it created last. */
  get passkey(): Passkey {
    const passkey = this.passkeys.at(-1);
    if (!passkey) throw new Error('There is no passkey.');
    return passkey;
  }

  /** `navigator.credentials.create`, and `toJSON` of what it returns. */
  create(options: PublicKeyOptions, wrongs: Wrongs = {}, algorithm: Algorithm = 'ES256'): Credential {
    const { publicKey, privateKey } = ALGORITHMS[algorithm].make();
    const id = wrongs.credentialId ?? randomBytes(16).toString('base64url');
    const passkey = { id, algorithm, publicKey, privateKey, userHandle: String(options.user?.id), counter: 0 };
    this.passkeys.push(passkey);
    const cose = new Map(ALGORITHMS[algorithm].cose(publicKey.export({ format: 'jwk' })) as [Cbor, Cbor][]);
    const rawId = Buffer.from(id, 'base64url');
    const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([rawId.length >> 8, rawId.length & 255]), rawId]);
    const data = this.#authenticatorData(passkey, options.rp?.id, wrongs, Buffer.concat([attested, cbor(cose)]));
    const client = this.#clientData('webauthn.create', options, wrongs);
    const { attest = unattested } = wrongs;
    const [format, statement] = attest(Buffer.concat([data, sha256(client)]), passkey);
    const object = new Map<Cbor, Cbor>([
      ['fmt', format],
      ['attStmt', statement],
      ['authData', data],
    ]);
    return {
      id,
      rawId: id,
      type: 'public-key',
      response: {
        clientDataJSON: client.toString('base64url'),
        attestationObject: cbor(object).toString('base64url'),
        transports: ['internal', 'hybrid'],
      },
      clientExtensionResults: { credProps: { rk: true } },
      authenticatorAttachment: 'platform',
    };
  }

  /** `navigator.credentials.get`, likewise. */
  get(options: PublicKeyOptions, wrongs: Wrongs = {}, passkey: Passkey = this.passkey): Credential {
    if (this.#device.isCounting) passkey.counter += 1;
    const data = this.#authenticatorData(passkey, options.rpId, wrongs);
    const client = this.#clientData('webauthn.get', options, wrongs);
    const signature = signatureOf(wrongs.signer ?? passkey, Buffer.concat([data, sha256(client)]));
    if (wrongs.isSignatureWrong) signature.writeUInt8(signature.readUInt8(20) ^ 1, 20);
    const id = wrongs.credentialId ?? passkey.id;
    const userHandle = wrongs.userHandle === undefined ? passkey.userHandle : wrongs.userHandle;
    return {
      id,
      rawId: id,
      type: 'public-key',
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: signature.toString('base64url'),
        ...(userHandle !== null && { userHandle }),
      },
      clientExtensionResults: {},
      authenticatorAttachment: 'platform',
    };
  }

  #clientData(type: string, { challenge }: PublicKeyOptions, wrongs: Wrongs): Buffer {
    const { crossOrigin = false, topOrigin } = wrongs;
    return Buffer.from(
      JSON.stringify({
        type: wrongs.type ?? type,
        challenge: wrongs.challenge ?? challenge,
        origin: wrongs.origin ?? this.#device.origin,
        crossOrigin,
        topOrigin,
      }),
    );
  }

  #authenticatorData(passkey: Passkey, rpId: unknown, wrongs: Wrongs, attested?: Buffer): Buffer {
    const { isSyncing = false } = this.#device;
    const { up = true, uv = true, be = isSyncing, bs = isSyncing } = wrongs.flags ?? {};
    const flags = [up, false, uv, be, bs, false, attested !== undefined];
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(wrongs.counter ?? passkey.counter);
    return Buffer.concat([
      sha256(wrongs.rpId ?? String(rpId)),
      Buffer.from([flags.reduce((sum, isSet, bit) => sum + (isSet ? 1 << bit : 0), 0)]),
      counter,
      attested ?? Buffer.alloc(0),
    ]);
  }
}

/** @param data what to sign */
export const signatureOf = ({ algorithm, privateKey }: Passkey, data: Buffer): Buffer =>
  sign(ALGORITHMS[algorithm].hash, data, privateKey);
