import { createHash, randomBytes } from 'node:crypto';

/** A key of the API, in the forms that its two sides have. */
export class ApiKey {
  readonly id: string;
  readonly secret = randomBytes(32).toString('base64url');

  constructor(id: string) {
    this.id = id;
  }

  get hash(): string {
    return createHash('sha256').update(this.secret).digest('hex');
  }

  /** The entry of API_CLIENTS. */
  row(more: object = {}): object {
    return { id: this.id, secretHash: this.hash, ...more };
  }

  /** What a program sends. */
  headers(secret = this.secret): { authorization: string } {
    return { authorization: `Basic ${Buffer.from(`${this.id}:${secret}`).toString('base64')}` };
  }
}
