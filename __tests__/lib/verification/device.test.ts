import { makePrivacyKey } from '@/lib/config/keys';
import { createPrivacy } from '@/lib/privacy';
import { isDeviceCookie, knownDevice, rememberDevice } from '@/lib/verification/device';

const NUMBER = '+14155552671';
const privacy = createPrivacy([makePrivacyKey()]);

test('a device keeps its id when it verifies again', () => {
  let cookie = rememberDevice(privacy, undefined, NUMBER);
  const first = knownDevice(privacy, cookie, NUMBER)?.id;
  for (let i = 0; i < 20; i += 1) {
    cookie = rememberDevice(privacy, cookie, NUMBER);
    expect(knownDevice(privacy, cookie, NUMBER)?.id).toBe(first);
  }
});

test('a browser is known to the last three numbers that it verified', () => {
  const numbers = ['+14155550001', '+14155550002', '+14155550003', '+14155550004'];
  const cookie = numbers.reduce<string | undefined>(
    (before, number) => rememberDevice(privacy, before, number),
    undefined,
  );
  expect(isDeviceCookie(cookie ?? '')).toBe(true);
  expect(numbers.map((number) => knownDevice(privacy, cookie, number) !== undefined)).toEqual([
    false,
    true,
    true,
    true,
  ]);
});
