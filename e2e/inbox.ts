import { expect } from '@playwright/test';
import { INBOX_URL, SIMULATOR_URL } from './servers';

interface Message {
  id: number;
  text: string;
  pin: string;
  pinId: string;
  channel: 'sms' | 'voice';
}

/** The messages that were "sent" to a number, from the simulator's list. */
export async function messagesTo(number: string): Promise<Message[]> {
  const response = await fetch(`${INBOX_URL}?to=${number.replace(/\D/g, '')}`);
  if (!response.ok) throw new Error(`The simulator's inbox answered ${response.status}.`);
  return (await response.json()) as Message[];
}

/** How often the app has called the simulator about a number: to send a code there, or to check one. */
export async function callsAbout(number: string): Promise<number> {
  const response = await fetch(`${SIMULATOR_URL}/control/requests`);
  if (!response.ok) throw new Error(`The simulator's log answered ${response.status}.`);
  const calls = (await response.json()) as { path: string; body: unknown }[];
  const marks = [number.replace(/\D/g, ''), ...(await messagesTo(number)).map(({ pinId }) => pinId)];
  return calls.filter(({ path, body }) => marks.some((mark) => (path + JSON.stringify(body)).includes(mark))).length;
}

/** The newest code that was sent to a number. */
export async function newestCodeFor(number: string): Promise<string> {
  return (await messagesTo(number)).at(-1)?.pin ?? '';
}

/** The code in the only message to a number. */
export async function onlyCodeFor(number: string): Promise<string> {
  const messages = await messagesTo(number);
  expect(messages).toHaveLength(1);
  return messages[0]?.pin ?? '';
}

/** A code of the same length that differs from the given one. */
export function wrongCode(code: string): string {
  return code.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10));
}
