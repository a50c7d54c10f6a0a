import type { Reply } from '@/__tests__/support/app';
import type { Credential } from '@/__tests__/support/authenticator';
import { cbor } from '@/__tests__/support/authenticator';
import { newNumber } from '@/__tests__/support/numbers';
import { useApp } from '@/__tests__/support/use-app';
import { outcome, Program, withFactors } from '@/__tests__/support/visitor';

const place = useApp(withFactors);
const { app } = place;

const base64url = (text: string | Buffer) => Buffer.from(text).toString('base64url');

const OTHER_TYPES = cbor(new Map<string, string | number>(Object.entries({ fmt: 1, attStmt: 'x', authData: 'y' })));

/** A credential with another response. */
const withResponse = (credential: Credential, response: object): Credential => ({
  ...credential,
  response: { ...credential.response, ...response },
});

async function enrollWith(change: (credential: Credential) => object): Promise<Reply> {
  const program = new Program(place);
  await program.verifyByCode(newNumber());
  const { body } = await program.enrollOptions();
  const { ceremony } = body;
  const credential = change(program.authenticator.create(body.publicKey));
  return app.post('/api/passkeys/enrol', { credential, ceremony, session: program.session });
}

async function verifyWith(change: (credential: Credential) => object): Promise<Reply> {
  const program = await new Program(place).becomeOwner(newNumber());
  const { body } = await program.verifyOptions();
  const { ceremony } = body;
  const credential = change(program.authenticator.get(body.publicKey));
  return app.post('/api/passkeys/verify', { credential, ceremony });
}

describe.each([
  ['an enrollment', enrollWith, 'attestationObject', '422 PASSKEY_REJECTED'],
  ['a verification', verifyWith, 'authenticatorData', '401 PASSKEY_REJECTED'],
] as const)('%s', (_, request, field, rejected) => {
  test.each([
    ['no object', () => []],
    ['another type', (credential: Credential) => ({ ...credential, type: 'password' })],
    ['no response', ({ response: _, ...credential }: Credential) => credential],
    ['a number for an id', (credential: Credential) => ({ ...credential, id: 1, rawId: 1 })],
    ['an empty id', (credential: Credential) => ({ ...credential, id: '', rawId: '' })],
    ['an endless id', (credential: Credential) => ({ ...credential, id: 'A'.repeat(1365), rawId: 'A'.repeat(1365) })],
    ['an id with padding', (credential: Credential) => ({ ...credential, id: `${credential.id}==` })],
    ['an object for a field', (credential: Credential) => withResponse(credential, { [field]: { x: 1 } })],
    ['null for client data', (credential: Credential) => withResponse(credential, { clientDataJSON: null })],
    ['text that is not base64url', (credential: Credential) => withResponse(credential, { [field]: 'a+/=' })],
  ])('refuses %s as malformed', async (_, change) => {
    const reply = await request(change as (credential: Credential) => object);
    expect(outcome(reply)).toBe('400 INVALID_REQUEST');
    expect(reply.body.message).toMatch(/^The field credential must be what toJSON /);
  });

  test.each([
    ['client data that is not JSON', { clientDataJSON: base64url('{') }],
    ['client data that is null', { clientDataJSON: base64url('null') }],
    ['client data that is a list', { clientDataJSON: base64url('[]') }],
    [
      'client data with a prototype',
      { clientDataJSON: base64url('{"__proto__":{"origin":"https://verify.example"}}') },
    ],
    ['client data with lists for texts', { clientDataJSON: base64url('{"origin":["https://verify.example"]}') }],
    ['no data', { [field]: base64url(Buffer.alloc(1)) }],
    ['too little data', { [field]: base64url(Buffer.alloc(36)) }],
    ['noise', { [field]: base64url(Buffer.alloc(3000, 0xff)) }],
    ['a map that claims millions of entries', { [field]: base64url(Buffer.from('ba7fffffff', 'hex')) }],
    ['a text that claims gigabytes', { [field]: base64url(Buffer.from('7a7fffffff', 'hex')) }],
    ['endless lists in lists', { [field]: base64url(Buffer.alloc(4000, 0x81)) }],
    ['maps of other types', { [field]: base64url(OTHER_TYPES) }],
  ])('refuses %s', async (_, response) => {
    expect(outcome(await request((credential) => withResponse(credential, response)))).toBe(rejected);
  });

  test('refuses ids that differ', async () => {
    const id = base64url(Buffer.alloc(16));
    expect(outcome(await request((credential) => ({ ...credential, rawId: id })))).toBe(rejected);
  });

  test('takes bodies up to 8 kB, and no larger ones', async () => {
    const room = (credential: Credential) => 7900 - JSON.stringify(credential).length - 400;
    const fits = await request((credential) => ({ ...credential, later: 'x'.repeat(room(credential)) }));
    expect(fits.status).toBeLessThan(300);
    const large = await request((credential) => ({ ...credential, later: 'x'.repeat(8192) }));
    expect([outcome(large), large.body.message]).toEqual([
      '413 BODY_TOO_LARGE',
      'The request body is too large. The limit is 8 kB.',
    ]);
  });
});

test('a verification refuses data with a byte too many', async () => {
  const more = (credential: Credential) => {
    const data = Buffer.from(String(credential.response.authenticatorData), 'base64url');
    return withResponse(credential, { authenticatorData: base64url(Buffer.concat([data, Buffer.alloc(1)])) });
  };
  expect(outcome(await verifyWith(more))).toBe('401 PASSKEY_REJECTED');
});

test.each([
  ['without characters', '  '],
  ['with 65 characters', 'x'.repeat(65)],
  ['with a line break', 'my\nphone'],
  ['with a control character', 'my\u0000phone'],
  ['with a separator of lines', 'my\u2028phone'],
  ['with half a character', 'my\ud800phone'],
])('a name %s is refused, and the challenge stays valid', async (_, name) => {
  const program = new Program(place);
  await program.verifyByCode(newNumber());
  const { body } = await program.enrollOptions();
  const credential = program.authenticator.create(body.publicKey);
  const refused = await program.endEnrollment(credential, { name });
  expect([outcome(refused), refused.body.message]).toEqual([
    '400 INVALID_REQUEST',
    'The field name must have 1 to 64 characters, without control characters.',
  ]);
  const longest = await program.endEnrollment(credential, { name: '💻'.repeat(64) });
  expect([outcome(longest), longest.body.factor.name]).toEqual(['201', '💻'.repeat(64)]);
});

test.each([
  ['enrol-options', { number: '+14155552671' }],
  ['verify-options', { phoneNumber: '+14155552671' }],
  ['enrol', { account: 'x' }],
  ['verify', { phoneNumber: '+14155552671' }],
])('%s refuses fields that it does not know', async (path, body) => {
  const reply = await app.post(`/api/passkeys/${path}`, body);
  expect(outcome(reply)).toBe('400 INVALID_REQUEST');
});

test.each(['enrol-options', 'enrol', 'verify-options', 'verify'])('%s answers only POST', async (path) => {
  const reply = await app.get(`/api/passkeys/${path}`);
  expect([outcome(reply), reply.headers.get('allow')]).toEqual(['405 METHOD_NOT_ALLOWED', 'POST']);
});
