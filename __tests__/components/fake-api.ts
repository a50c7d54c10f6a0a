import metadata from 'libphonenumber-js/metadata.min.json';
import { type DefaultBodyType, delay, HttpResponse, http, type StrictRequest } from 'msw';
import { setupServer } from 'msw/node';
import type { ErrorReply, PageState, PendingVerification, SendReply, VerifyReply } from '@/lib/contract';
import { ERRORS, type ErrorSubjects } from '@/lib/errors';
import { en } from '@/lib/i18n/en';

export const NUMBER = '+14155552671';
/** The number as it looks in the browser in which a person typed it. */
export const WHOLE = '+1 415 555 2671';
export const MASKED = '+1 •••••••671';

export const SENT: SendReply = {
  message: 'A code is on its way.',
  to: WHOLE,
  channel: 'sms',
  pinLength: 6,
  expiresInSeconds: 300,
  resendInSeconds: 24,
  callOffered: false,
};

export const PENDING: PendingVerification = {
  to: WHOLE,
  channel: 'sms',
  pinLength: 6,
  expiresInSeconds: 300,
  resendInSeconds: 0,
  callOffered: false,
  attemptsRemaining: 5,
};

/** What the server tells the page when nothing is in progress. */
export const FRESH: PageState = {
  brand: { name: null, logo: null, styles: null },
  language: 'en',
  messages: en,
  errorSubjects: Object.fromEntries(Object.entries(ERRORS).map(([code, { about }]) => [code, about])) as ErrorSubjects,
  countries: [
    { code: 'CA', name: 'Canada', callingCode: '1' },
    { code: 'FR', name: 'France', callingCode: '33' },
    { code: 'DE', name: 'Germany', callingCode: '49' },
    { code: 'GB', name: 'United Kingdom', callingCode: '44' },
    { code: 'US', name: 'United States', callingCode: '1' },
  ],
  country: 'US',
  example: { country: 'US', number: '(201) 555-0123' },
  callCountries: null,
  step: 'phone',
  pending: null,
  verifiedNumber: null,
  verifiedNumberText: null,
  problem: null,
  typed: null,
  continueUrl: null,
  inboxUrl: null,
  login: null,
  factors: null,
};

export const VERIFIED: VerifyReply = { verified: true, message: 'Phone number verified.', phoneNumber: NUMBER };

export const WRONG: ErrorReply = {
  code: 'WRONG_PIN',
  message: "That code isn't correct. Check it and try again.",
  verified: false,
  attemptsRemaining: 2,
};

type Endpoint = 'send' | 'verify' | 'resend';

/** The requests that the page made, in order. */
export const requests: { endpoint: Endpoint; body: DefaultBodyType }[] = [];

/** Call after each test, to forget handlers and requests: `server.resetHandlers()` and `requests.length = 0`. */
export const server = setupServer(
  http.get('/api/phone-metadata', () =>
    HttpResponse.json({ ...metadata, examples: { US: '(201) 555-0123', DE: '01512 3456789' } }),
  ),
);

/** From now on, records requests to an endpoint and answers them. */
export function answer(endpoint: Endpoint, status: number, body: object, delayMs = 0): void {
  serve(endpoint, async () => {
    await delay(delayMs);
    return HttpResponse.json(body, { status });
  });
}

/** Answers with a page instead of JSON, like a proxy in between. */
export function answerWithPage(endpoint: Endpoint, status: number, headers: Record<string, string> = {}): void {
  serve(endpoint, () => HttpResponse.html('<h1>Bad Gateway</h1>', { status, headers }));
}

/** Makes the connection fail. */
export function disconnect(endpoint: Endpoint): void {
  serve(endpoint, () => HttpResponse.error());
}

function serve(endpoint: Endpoint, reply: () => Response | Promise<Response>): void {
  server.use(
    http.post(`/api/${endpoint}-otp`, async ({ request }: { request: StrictRequest<DefaultBodyType> }) => {
      requests.push({ endpoint, body: await request.json() });
      return reply();
    }),
  );
}

/** The server's answer about the state of a verification. */
export function stands(path: 'verification' | 'session', status: number, body: object, delayMs = 0): void {
  server.use(
    http.get(`/api/${path}`, async () => {
      await delay(delayMs);
      return HttpResponse.json(body, { status });
    }),
  );
}
