import { AppError } from '@/lib/errors';
import { type Ended, observe } from '@/lib/http/observe';
import type { EventName } from '@/lib/observability/events';
import { createLogger } from '@/lib/observability/logger';
import { createMetrics } from '@/lib/observability/metrics';
import { createRequestNotes } from '@/lib/observability/request-log';

/** The log line of a request and the counts of its events. */
async function observed(events: readonly EventName[], failure?: AppError) {
  const notes = createRequestNotes();
  for (const event of events) notes.event(event);
  const lines: unknown[] = [];
  const logger = createLogger('info');
  for (const level of ['info', 'warn', 'error', 'fatal'] as const) {
    jest.spyOn(logger, level).mockImplementation((line: unknown) => void lines.push([level, line]));
  }
  const metrics = createMetrics();
  const ended: Ended = {
    id: 'request-1',
    path: '/api/verify-otp',
    step: 'verify',
    method: 'POST',
    status: failure?.status ?? 200,
    failure,
    notes,
    durationMs: 1,
  };
  observe({ logger, metrics }, ended);
  const counted = [...(await metrics.text()).matchAll(/security_events_total\{event="([^"]+)"\} ([1-9]\d*)/g)];
  return { lines, counted: Object.fromEntries(counted.map(([, name, count]) => [name, Number(count)])) };
}

test('a request with two events counts both, and its line has the name of the more severe one', async () => {
  const { lines, counted } = await observed(['number.verified', 'upstream.rejected_us', 'number.locked']);
  expect(lines).toEqual([['fatal', expect.objectContaining({ event: 'upstream.rejected_us' })]]);
  expect(counted).toEqual({ 'number.verified': 1, 'upstream.rejected_us': 1, 'number.locked': 1 });
});

test('the first of two equally severe events names the line', async () => {
  const { lines, counted } = await observed(['number.locked'], new AppError('TOO_MANY_ATTEMPTS'));
  expect(lines).toEqual([
    ['warn', expect.objectContaining({ event: 'number.locked', code: 'TOO_MANY_ATTEMPTS', requestId: 'request-1' })],
  ]);
  expect(counted).toEqual({ 'number.locked': 1, 'verification.exhausted': 1 });
});

test('the metrics count by verdict and reason what the guard would have done to a message, starting at zero', async () => {
  const metrics = createMetrics();
  const objections = [{ verdict: 'block', by: 'CREDIT_PER_RANGE' }];
  metrics.watch({
    limits: [],
    objections,
    webhookOutcomes: [],
    waitingWebhooks: () => ({}),
    isBreakerOpen: () => false,
    isStoreConnected: () => true,
    usedOfLimits: () => ({}),
  });
  const counted = async () =>
    [...(await metrics.text()).matchAll(/guard_objections_total(\{.*\} \d+)/g)].map(([, line]) => line);
  expect(await counted()).toEqual(['{verdict="block",reason="CREDIT_PER_RANGE"} 0']);
  const notes = createRequestNotes();
  notes.note({ guardVerdict: 'block', guardReason: 'CREDIT_PER_RANGE' });
  const ended = { id: '1', path: '/api/send-otp', step: 'send', method: 'POST', status: 200 } as const;
  observe({ logger: createLogger('silent'), metrics }, { ...ended, failure: undefined, notes, durationMs: 1 });
  expect(await counted()).toEqual(['{verdict="block",reason="CREDIT_PER_RANGE"} 1']);
});

test('an event that happens twice in one request counts once', async () => {
  const { counted } = await observed(['number.locked', 'number.locked']);
  expect(counted).toEqual({ 'number.locked': 1 });
});
