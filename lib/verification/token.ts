import { randomBytes } from 'node:crypto';
import { fingerprint } from '@/lib/privacy';

/** 256 random bits as base64url: 43 characters (RFC 4648, §5). */
const FORM = /^[A-Za-z0-9_-]{43}$/;

/** A new token for a verification or a session, for its client and nobody else. */
export const createToken = (): string => randomBytes(32).toString('base64url');

/** Whether a client's token has the form of one. */
export const isToken = (value: string): boolean => FORM.test(value);

/** What the store knows a token by. Somebody who reads the store cannot use what is in it. */
export const keyOf = fingerprint;
