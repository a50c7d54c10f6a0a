import { expect } from '@playwright/test';
import { INBOX_URL } from './servers';

interface Message {
  id: string;
  text: string;
  pin: string;
  channel: 'sms' | 'voice';
}

/** The messages that were "sent" to a number, from the simulator's list. */
export async function messagesTo(number: string): Promise<Message[]> {
  const response = await fetch(`${INBOX_URL}?to=${number.replace(/\D/g, '')}`);
  if (!response.ok) throw new Error(`The simulator's inbox answered ${response.status}.`);
  return (await response.json()) as Message[];
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
