/** The state of a screen that verifies a number, for React Native, without cookies. The server: mobile-server.mjs. */
import { useState } from 'react';

interface Screen {
  readonly step: 'number' | 'code' | 'verified';
  /** For display, beside the field. */
  readonly problem?: string | undefined;
}

/**
 * @param server the address of your server
 * @param login the token that your server recognizes the person by
 */
export function usePhoneVerification(server: string, login: string) {
  const [screen, setScreen] = useState<Screen>({ step: 'number' });

  async function post(path: string, body: object, next: Screen['step']) {
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${login}` };
    try {
      const reply = await fetch(server + path, { method: 'POST', headers, body: JSON.stringify(body) });
      const { message } = await reply.json();
      setScreen(({ step }) => (reply.ok ? { step: next } : { step, problem: message }));
    } catch {
      setScreen(({ step }) => ({ step, problem: 'There was no answer. Check your connection.' }));
    }
  }

  return {
    ...screen,
    send: (phoneNumber: string) => post('/phone', { phoneNumber }, 'code'),
    verify: (pin: string) => post('/phone/code', { pin }, 'verified'),
  };
}
