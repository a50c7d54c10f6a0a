import { ERRORS, type ErrorCode } from '@/lib/errors';

const codes = Object.keys(ERRORS) as ErrorCode[];
const outages = codes.filter((code) => ERRORS[code].about === 'outage');

test('every failure of ours, or of a service that we depend on, is an outage, and so is a body that came too slowly', () => {
  const ours = codes.filter((code) => ERRORS[code].status >= 500);
  expect(ours).toEqual(
    expect.arrayContaining(['STORE_UNAVAILABLE', 'NOT_READY', 'INTERNAL_ERROR', 'UPSTREAM_TIMEOUT']),
  );
  expect([...outages].sort()).toEqual([...ours, 'REQUEST_TIMEOUT'].sort());
});
