import { describeError } from '@/lib/observability/logger';

test('an unforeseen error appears without anything that could be a PIN, a number, a key or a token', () => {
  const handle = 'A'.repeat(43);
  const { name, message, stack } = describeError(new TypeError(`no 123456 for +14155552671 with ${handle}`));
  expect(name).toBe('TypeError');
  expect(message).toBe('no … for +… with …');
  expect(stack).toMatch(/^\s+at /);
  expect(stack).not.toContain('123456');
});

test('a value that is not an Error appears as its type alone', () => {
  expect(describeError('123456')).toEqual({ name: 'string' });
});

test('message lines that look like stack frames stay out of the stack', () => {
  const { stack } = describeError(new Error('Upstream said:\n    at +14155552671\n    at 061412 (pin.js:1:1)'));
  expect(stack).not.toMatch(/4155552671|061412/);
  expect(stack).toContain('logger.test.ts');
});

test('an error whose message changed later keeps its stack frames', () => {
  const error = new Error('before');
  error.message = 'after';
  expect(describeError(error).stack).toContain('logger.test.ts');
});
