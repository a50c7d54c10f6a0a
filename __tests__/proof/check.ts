import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import type { TestApp } from '@/__tests__/support/app';
import type { TestSimulator } from '@/__tests__/support/simulator';

export const ISSUER = 'https://verify.example';
export const AUDIENCE = 'https://api.example';
export const JWKS = '/.well-known/jwks.json';

/** Verifies a number, and returns the proof. */
export async function verifiedProof(
  app: TestApp,
  simulator: TestSimulator,
  number: string,
  channel: 'sms' | 'voice' = 'sms',
): Promise<string> {
  const { body } = await app.send(number, { channel });
  return (await app.verify(body.pinId, await simulator.pinFor(number))).body.proof;
}

export async function keysOf(app: TestApp): Promise<JSONWebKeySet> {
  const reply = await fetch(app.url + JWKS);
  return (await reply.json()) as JSONWebKeySet;
}

/** Checks a proof as another program does. */
export async function check(proof: string, keys: JSONWebKeySet) {
  const expected = { issuer: ISSUER, audience: AUDIENCE, algorithms: ['ES256'] };
  return (await jwtVerify(proof, createLocalJWKSet(keys), expected)).payload;
}
