import { readCode } from '@/components/code/read-code';

describe('readCode', () => {
  it.each([
    ['', ''],
    ['12', '12'],
    ['123 456', '123456'],
    ['1 2 3 4 5 6', '123456'],
    ['１２３４５６', '123456'],
    ['١٢٣٤٥٦', '123456'],
    ['۱۲۳', '123'],
    ['1234567', '123456'],
    ['12a', '12'],
    ['123456 is your verification code', '123456'],
    ['Code: 123-456. Do not share it, not even with 24 h support.', '123456'],
    ['From 14155552671: 987654', '987654'],
    ['Call 14155552671', ''],
  ])('readCode finds in %j the six digits %j', (text, code) => {
    expect(readCode(text, 6)).toBe(code);
  });
});
