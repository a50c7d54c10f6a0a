import { useEffect, useRef } from 'react';

/** What the browser gives for a text message that names this site (WebOTP API, §2). */
interface OtpCredential {
  readonly code: string;
}

type OtpRequest = (options: { otp: { transport: ['sms'] }; signal: AbortSignal }) => Promise<OtpCredential | null>;

/**
 * Takes the code from a text message that ends in `@host #code`, where the browser can and the person agrees. Given up as
 * soon as nobody waits for a text message any more.
 * @param waiting whether a text message is awaited
 * @param serial another message is another request
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
      // Refused, timed out or given up: the person types it.
      () => undefined,
    );
    return () => request.abort();
  }, [waiting, serial]);
}
