import fc from 'fast-check';
import { PIN_ID, parseRetryAfter, parseSendReply, parseVerifyReply } from '@/lib/infobip/replies';

const OWN_PIN_ID = '9C817C6F8AF3D48F9FE553282AFA2B67';
const MSISDN = '14155552671';
const VERIFIED = { pinId: OWN_PIN_ID, msisdn: MSISDN, verified: true, attemptsRemaining: 0 };
const SENT = { pinId: OWN_PIN_ID, to: MSISDN, ncStatus: 'NC_DESTINATION_REACHABLE', smsStatus: 'MESSAGE_SENT' };
const CALLED = { pinId: OWN_PIN_ID, to: MSISDN, callStatus: 'PENDING_ACCEPTED' };

interface Answer {
  status: number;
  data: unknown;
  headers: Record<string, unknown>;
}

/** Names that every object has, and words that have a meaning here. */
const word = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'),
  fc.constantFrom('WRONG_PIN', 'NO_ERROR', 'TTL_EXPIRED', 'NO_MORE_PIN_ATTEMPTS', 'PIN_NOT_FOUND', 'TOO_MANY_REQUESTS'),
  fc.constantFrom('MESSAGE_SENT', 'MESSAGE_NOT_SENT', 'NC_DESTINATION_NOT_REACHABLE', 'PENDING', 'REJECTED_NETWORK'),
  fc.string(),
);
const envelope = word.map((messageId) => ({ requestError: { serviceException: { messageId, text: MSISDN } } }));
const value = fc.oneof(
  word,
  fc.boolean(),
  fc.integer(),
  fc.double(),
  fc.constantFrom<unknown>(
    null,
    'true',
    'TRUE',
    1,
    '1',
    [true],
    { verified: true },
    VERIFIED,
    OWN_PIN_ID,
    MSISDN,
    Number(MSISDN),
  ),
  fc.jsonValue({ maxDepth: 2 }),
);
const field = fc.constantFrom(
  ...['pinId', 'msisdn', 'to', 'verified', 'attemptsRemaining', 'pinError', 'smsStatus', 'callStatus', 'ncStatus'],
  'requestError',
  '__proto__',
);

/** `JSON.parse` makes `__proto__` an ordinary field, as it does when the server parses a reply. */
const withField = (reply: object, name: string, replaced: unknown): object => {
  const fields = [...Object.entries(reply).filter(([key]) => key !== name), [name, replaced]];
  const written = fields.map(([key, one]) => `${JSON.stringify(key)}:${JSON.stringify(one) ?? 'null'}`);
  return JSON.parse(`{${written.join()}}`) as object;
};

const mutation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(field, value).map(
      ([name, one]) =>
        (reply: object) =>
          withField(reply, name, one),
    ),
  },
  field.map((name) => (reply: object) => Object.fromEntries(Object.entries(reply).filter(([key]) => key !== name))),
  envelope.map((error) => (reply: object) => ({ ...reply, ...error })),
  fc.constantFrom(
    (reply: object) => [reply],
    (reply: object) => ({ data: reply }),
    (reply: object) => ({ result: reply, ...reply }),
  ),
);

const status = fc.oneof({ weight: 5, arbitrary: fc.constant(200) }, fc.integer({ min: 100, max: 999 }));
const headers = fc.dictionary(
  fc.constantFrom('retry-after', 'set-cookie', '__proto__'),
  fc.oneof(fc.string(), fc.array(fc.string())),
);

/** Any reply at all, and the good one made faulty in up to three ways. */
const answerFrom = (good: object): fc.Arbitrary<Answer> => {
  const faulty = fc
    .array(mutation, { maxLength: 3 })
    .map((mutations) => mutations.reduce<object>((reply, mutate) => mutate(reply), good));
  const data = fc.oneof(
    { weight: 5, arbitrary: faulty },
    { weight: 1, arbitrary: fc.jsonValue() },
    { weight: 1, arbitrary: envelope },
  );
  return fc.record({ status, data, headers });
};

const fieldsOf = (data: unknown): Record<string, unknown> =>
  typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};

const KINDS = [
  'sent',
  'verified',
  'not-delivered',
  'pin-ended',
  'wrong',
  'expired',
  'exhausted',
  'not-found',
  'failed',
];

/** What holds for every result: a known kind, a finite wait, and a cause that is safe to log. */
function expectWellFormed(result: object): void {
  const { kind, retryAfterSeconds, attemptsRemaining, cause } = result as Record<string, unknown>;
  expect(KINDS).toContain(kind);
  if (retryAfterSeconds !== undefined) {
    expect(Number.isInteger(retryAfterSeconds) && Number(retryAfterSeconds) >= 1).toBe(true);
    expect(retryAfterSeconds).toBeLessThanOrEqual(3600);
  }
  if (attemptsRemaining !== undefined)
    expect(Number.isInteger(attemptsRemaining) && Number(attemptsRemaining) >= 0).toBe(true);
  expect(JSON.stringify(cause ?? {})).toMatch(/^\{("(fault|messageId)":"[A-Za-z_-]+",?|"status":\d{3},?)*\}$/);
}

test('a verify succeeds only for a clean 200 with verified true, this pinId and this number', () => {
  fc.assert(
    fc.property(answerFrom(VERIFIED), (answer) => {
      const result = parseVerifyReply(answer, OWN_PIN_ID, MSISDN);
      expectWellFormed(result);
      const { verified, pinId, msisdn, pinError, requestError } = fieldsOf(answer.data);
      const right = answer.status === 200 && verified === true && pinId === OWN_PIN_ID && msisdn === MSISDN;
      const clean = [undefined, null, 'NO_ERROR'].includes(pinError as string);
      if (result.kind === 'verified') expect(right && clean).toBe(true);
      else expect(right && clean && requestError === undefined).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['sms', SENT],
  ['voice', CALLED],
] as const)('a send by %s is sent only for a 200 with a path-safe pinId and a status that says so', (channel, good) => {
  fc.assert(
    fc.property(answerFrom(good), fc.option(fc.constant(OWN_PIN_ID), { nil: undefined }), (answer, same) => {
      const result = parseSendReply(answer, channel, same);
      expectWellFormed(result);
      if (result.kind !== 'sent') return;
      const { pinId, smsStatus, callStatus, ncStatus } = fieldsOf(answer.data);
      expect([answer.status, pinId]).toEqual([200, same ?? result.pinId]);
      expect(result.pinId).toMatch(PIN_ID);
      expect(channel === 'sms' ? smsStatus === 'MESSAGE_SENT' : /^(PENDING|DELIVERED)/.test(String(callStatus))).toBe(
        true,
      );
      expect(String(ncStatus)).not.toMatch(/NOT_REACHABLE/);
    }),
    { numRuns: 1000 },
  );
});

test('a good reply to a send is a success, whatever other fields it has', () => {
  const extra = fc.dictionary(
    fc.string().filter((name) => !(name in SENT) && !['callStatus', 'requestError', '__proto__'].includes(name)),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(extra, (more) => {
      expect(parseSendReply({ status: 200, data: { ...more, ...SENT }, headers: {} }, 'sms')).toEqual({
        kind: 'sent',
        pinId: OWN_PIN_ID,
      });
    }),
  );
});

const datelike = fc
  .tuple(
    fc.stringMatching(/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2}$/),
    fc.constantFrom('GMT', 'UTC'),
  )
  .map((parts) => parts.join(' '));

test('any Retry-After is a whole number of seconds, from one to an hour', () => {
  const text = fc.oneof(
    fc.string(),
    fc.stringMatching(/^-?\d{1,30}$/),
    datelike,
    fc.date().map((date) => date.toUTCString()),
  );
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 3600 }), (header, fallback) => {
      const seconds = parseRetryAfter(header, fallback);
      expect(Number.isInteger(seconds) && seconds >= 1 && seconds <= 3600).toBe(true);
    }),
    { numRuns: 500 },
  );
});
