import { Interpolate } from '@/components/ui/interpolate';
import screen from '@/components/ui/screen.module.css';
import type { PageLogin } from '@/lib/contract';
import type { Messages } from '@/lib/i18n/messages';
import { say } from '@/lib/i18n/say';
import styles from './login-request.module.css';

interface LoginRequestProps {
  login: PageLogin;
  messages: Messages;
}

/** Says which application sent the person here, and what the code confirms. Every screen shows it. */
export function LoginRequest({ login, messages }: LoginRequestProps) {
  const { clientName, clientLogo, fixedNumber, confirmation } = login;
  const words = messages.login;
  const client = { client: clientName };
  return (
    <section className={styles.request}>
      {clientLogo && <img className={styles.logo} src={clientLogo} alt="" />}
      {confirmation && (
        <>
          <p>{say(words.confirm, client)}</p>
          <p className={styles.text}>
            <bdi>{confirmation.text}</bdi>
          </p>
          {(confirmation.amount || confirmation.payee) && (
            <dl className={styles.details}>
              {confirmation.amount && <Detail label={words.amount} value={confirmation.amount} />}
              {confirmation.payee && <Detail label={words.payee} value={confirmation.payee} />}
            </dl>
          )}
          <p>{words.onlyIf}</p>
        </>
      )}
      {fixedNumber !== null && <NamedNumber text={say(words.asksFixed, client)} number={fixedNumber} />}
      {!confirmation && fixedNumber === null && <p>{say(words.asks, client)}</p>}
    </section>
  );
}

/** The masked number that the application named. */
function NamedNumber({ text, number }: { text: string; number: string }) {
  return (
    <p>
      <Interpolate text={text}>
        <bdi className={screen.number} dir="ltr">
          {number}
        </bdi>
      </Interpolate>
    </p>
  );
}

function Detail({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <bdi>{value}</bdi>
      </dd>
    </div>
  );
}

/** The button that leads back to the application without a verified number. */
export function CancelLogin({ login, messages }: LoginRequestProps) {
  return (
    <form method="post" action={login.page}>
      <button type="submit" name="action" value="cancel" className={styles.cancel}>
        {say(messages.login.cancel, { client: login.clientName })}
      </button>
    </form>
  );
}
