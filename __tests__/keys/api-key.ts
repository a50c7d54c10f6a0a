import { createHash, randomBytes } from 'node:crypto';

/** An API key: the secret that a program has, and the hash that the server has. */
export class ApiKey {
  readonly id: string;
  readonly secret = randomBytes(32).toString('base64url');

  constructor(id: string) {
    this.id = id;
  }

  get hash(): string {
    return createHash('sha256').update(this.secret).digest('hex');
  }

  /** The entry for the key in API_CLIENTS. */
  row(more: object = {}): object {
    return { id: this.id, secretHash: this.hash, ...more };
  }

  /** The header that a program sends. */
  headers(secret = this.secret): { authorization: string } {
    return { authorization: `Basic ${Buffer.from(`${this.id}:${secret}`).toString('base64')}` };
  }
}
