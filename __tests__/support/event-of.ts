import { setTimeout as sleep } from 'node:timers/promises';
import type { TestApp } from './app';

const WITHIN_MS = 20_000;

/** The first line of an event in an app's log, which may take a moment. */
export async function eventOf(app: TestApp, event: string): Promise<Record<string, unknown>> {
  for (let waited = 0; waited < WITHIN_MS; waited += 20) {
    const line = app.output.split('\n').find((text) => text.includes(`"event":"${event}"`) && text.endsWith('}'));
    if (line) return JSON.parse(line) as Record<string, unknown>;
    await sleep(20);
  }
  throw new Error(`No ${event} in: ${app.output}`);
}
