import { describeError } from '@/lib/observability/logger';

test('an unforeseen error is described without what could be a PIN, a number, a key or a handle', () => {
  const handle = 'A'.repeat(43);
  const { name, message, stack } = describeError(new TypeError(`no 123456 for +14155552671 with ${handle}`));
  expect(name).toBe('TypeError');
  expect(message).toBe('no … for +… with …');
  expect(stack).toMatch(/^\s+at /);
  expect(stack).not.toContain('123456');
});

test('what is no error is described by its type alone', () => {
  expect(describeError('123456')).toEqual({ name: 'string' });
});
