import { useRef } from 'react';
import button from '@/components/ui/button.module.css';
import { NumberLine } from '@/components/ui/number-line';
import styles from '@/components/ui/screen.module.css';
import { ScreenLink } from '@/components/ui/screen-link';
import { useText } from '@/components/ui/text';
import { useFocusOnArrival } from '@/components/ui/use-focus-on-arrival';
import type { PageLogin } from '@/lib/contract';
import { say } from '@/lib/i18n/say';

export interface LoginVerifiedProps {
  login: PageLogin;
  phoneNumber: string;
  /** Whether an earlier verification is enough, so that the person only has to agree. */
  isBefore: boolean;
  /** Where the page is going. */
  redirectTo: string | undefined;
}

/** The last screen of a login: the way back or, if an earlier verification is enough, the request for consent. */
export function LoginVerified({ login, phoneNumber, isBefore, redirectTo }: LoginVerifiedProps) {
  const { messages } = useText();
  const heading = useRef<HTMLHeadingElement>(null);
  useFocusOnArrival(heading);
  const words = messages.login;
  const client = { client: login.clientName };

  if (!isBefore) {
    return (
      <section className={styles.screen}>
        <span className={styles.tick} aria-hidden="true" />
        <h1 ref={heading} tabIndex={-1} className={styles.heading}>
          {messages.verified.heading}
        </h1>
        <p>{say(words.leaving, client)}</p>
        {redirectTo && (
          <ScreenLink variant="primary" href={redirectTo}>
            {say(words.goOn, client)}
          </ScreenLink>
        )}
      </section>
    );
  }
  return (
    <form className={styles.screen} method="post" action={login.page}>
      <h1 ref={heading} tabIndex={-1} className={styles.heading}>
        {messages.phone.heading}
      </h1>
      <NumberLine text={words.verifiedBefore} number={phoneNumber} />
      <div className={styles.actions}>
        <button type="submit" name="action" value="continue" className={`${button.button} ${button.primary}`}>
          {say(words.goOn, client)}
        </button>
        <a className={`${button.button} ${button.link}`} href={`${login.page}?step=phone`}>
          {messages.verified.another}
        </a>
      </div>
    </form>
  );
}
