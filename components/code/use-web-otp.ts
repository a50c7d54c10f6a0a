import { useEffect, useRef } from 'react';

/** The browser's result for a text message that names this site (WebOTP API, §2). */
interface OtpCredential {
  readonly code: string;
}

type OtpRequest = (options: { otp: { transport: ['sms'] }; signal: AbortSignal }) => Promise<OtpCredential | null>;

/**
 * Takes the code from a text message that ends in `@host #code`, if the browser can and the person agrees. Aborts as
 * soon as the page no longer waits for a text message.
 * @param waiting whether the page waits for a text message
 * @param serial identifies the message; a new one starts a new request
 */
export function useWebOtp(waiting: boolean, serial: number, onCode: (code: string) => void): void {
  const latest = useRef(onCode);
  latest.current = onCode;
  useEffect(() => {
    if (!waiting || !('OTPCredential' in window)) return;
    const request = new AbortController();
    const get = navigator.credentials.get.bind(navigator.credentials) as unknown as OtpRequest;
    get({ otp: { transport: ['sms'] }, signal: request.signal }).then(
      (credential) => credential && !request.signal.aborted && latest.current(credential.code),
      // Refused, timed out or aborted: the person types the code.
      () => undefined,
    );
    return () => request.abort();
  }, [waiting, serial]);
}
