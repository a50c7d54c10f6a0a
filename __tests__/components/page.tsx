import { configure, render, screen, waitFor } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { laterFor } from '@/components/flow/split-screens';
import { VerificationPage } from '@/components/flow/verification-page';
import type { PageState, PendingVerification } from '@/lib/contract';
import { FRESH, requests, server } from './fake-api';

/** A busy machine takes longer than a second to render. */
configure({ asyncUtilTimeout: 5000 });

/** Runs the fake API around every test of the file. */
export function useFakeApi(): void {
  beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
  // Loads the later screens, which a browser has before it shows a page that begins with one of them.
  for (const factors of [null, { unused: null }]) beforeAll(() => laterFor({ factors }).load());
  // A submit waits only 1.5 s for this script, and the first test that needs it may have to compile it.
  beforeAll(() => import('@/components/phone/phone-controls'));
  afterEach(() => {
    server.resetHandlers();
    requests.length = 0;
  });
  afterAll(() => server.close());
}

/** jsdom has no media queries. The pointer is a finger, so the list of countries is the platform's own. */
Object.assign(window, { matchMedia: () => ({ matches: false }) });

/** jsdom does not know pseudo-elements either. */
const { getComputedStyle } = window;
Object.assign(window, { getComputedStyle: (element: Element) => getComputedStyle(element) });

/** Renders the page as the server sends it. */
export function openPage(pending: PendingVerification | null = null, more: Partial<PageState> = {}): UserEvent {
  const user = userEvent.setup();
  render(<VerificationPage {...FRESH} step={pending ? 'code' : 'phone'} pending={pending} {...more} />);
  return user;
}

export const numberField = () => screen.getByLabelText<HTMLInputElement>('Phone number');
export const codeField = () => screen.getByLabelText<HTMLInputElement>('Verification code');
export const findCodeField = () => screen.findByLabelText<HTMLInputElement>('Verification code');
export const countryField = () => screen.getByLabelText<HTMLSelectElement>('Country');
export const link = (name: string | RegExp) => screen.getByRole('link', { name });
export const button = (name: string | RegExp) => screen.getByRole('button', { name });

/** The announcements of the page's live regions. */
export const announced = () =>
  screen
    .getAllByRole('status')
    .map((region) => region.textContent)
    .join(' ');

/** Moves the wall clock without firing timers, as when a device sleeps. */
export function passTime(seconds: number): void {
  const now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now + seconds * 1000);
}

/** Expects something that appears to take the focus. React moves it after it has shown the element. */
export async function expectFocus(appearing: Promise<HTMLElement>): Promise<void> {
  const element = await appearing;
  await waitFor(() => expect(element).toHaveFocus());
}
