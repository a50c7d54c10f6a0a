import { FACTOR_STATES, reachFactorState } from './factor-states';
import { type FactorsApp, startFactorsApp } from './factors-app';
import { expectReadable } from './readable';
import { SIMULATOR_URL, WAYS_APP_URL } from './servers';
import { test } from './test';

// The longest file: each worker starts an app, and takes half of the states.
test.describe.configure({ mode: 'parallel' });

let app: FactorsApp;
test.beforeAll(async () => {
  test.setTimeout(60_000);
  // As in the demo, whose footer is longer.
  app = await startFactorsApp(WAYS_APP_URL, { DEMO_INBOX_URL: `${SIMULATOR_URL}/inbox` });
});
test.afterAll(() => app.stop());
test.use({
  baseURL: WAYS_APP_URL,
  expectedReplies: [
    '400 /ways',
    '400 /api/totp/verify',
    '429 /api/totp/verify',
    '409 /api/totp/verify',
    '409 /api/passkeys/verify',
  ],
});

/** A number for each test and worker: some states need a fresh one in each language. */
let last = 4200 + 50 * Number(process.env.TEST_PARALLEL_INDEX ?? 0);
function newNumber(): string {
  last += 1;
  return `+1415555${last}`;
}

for (const state of FACTOR_STATES) {
  // The fixture also fails on what the content security policy refuses.
  test(`${state.name}: the card fits, and axe finds nothing wrong`, async ({ verification: { page } }) => {
    test.slow();
    await expectReadable(page, {
      ...state,
      reach: (language) => reachFactorState(page, state, newNumber(), language),
    });
  });
}
