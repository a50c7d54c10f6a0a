import { randomBytes } from 'node:crypto';
import { fingerprint } from '@/lib/privacy';

/** 256 random bits as base64url: 43 characters (RFC 4648, §5). */
const FORM = /^[A-Za-z0-9_-]{43}$/;

/** Creates a token for a verification or a session. Only its client gets it. */
export const createToken = (): string => randomBytes(32).toString('base64url');

/** Whether a client's token is well-formed. */
export const isToken = (value: string): boolean => FORM.test(value);

/** The key under which the store knows a token: a hash, so that nobody who reads the store can use the token. */
export const keyOf = fingerprint;
