import { useEffect, useRef } from 'react';
import styles from '@/components/factors/factors.module.css';
import { useSentOnce } from '@/components/factors/sending-form';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import screen from '@/components/ui/screen.module.css';
import { ScreenLink } from '@/components/ui/screen-link';
import { BASE_PATH } from '@/lib/base-path';
import type { ViewProps } from './ways-page';

/** Shows the key of a new authenticator app, and asks for its first code. */
export function AppSetup({ page, view: { secret, uri, qr, name } }: ViewProps<'app'>) {
  const { words, problem, errorSubjects, messages } = page;
  const { enroll } = words;
  const [isSent, onSubmit] = useSentOnce();
  const code = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (problem) code.current?.focus();
  }, [problem]);
  return (
    <section className={`${screen.screen} ${styles.once}`}>
      <h1 className={screen.heading}>{enroll.heading}</h1>
      <p>{enroll.scan}</p>
      <div
        className={styles.qr}
        role="img"
        aria-label={enroll.qr}
        // Safe: the server has drawn the QR code itself.
        dangerouslySetInnerHTML={{ __html: qr }}
      />
      <p>
        <a href={uri}>{enroll.open}</a>
      </p>
      <p>{enroll.key}</p>
      <code className={styles.key} dir="ltr">
        {secret.match(/.{1,4}/g)?.join(' ')}
      </code>
      <form className={screen.screen} method="post" action={`${BASE_PATH}/ways`} noValidate onSubmit={onSubmit}>
        <input type="hidden" name="action" value="confirm-app" />
        <div className={screen.group}>
          <Field
            ref={code}
            id="app-code"
            name="code"
            label={enroll.label}
            hint={enroll.hint}
            type="text"
            inputMode="numeric"
            autoComplete="one-time-code"
            autoCapitalize="off"
            spellCheck={false}
            maxLength={16}
            required
            problem={
              problem && {
                ...problem,
                about: errorSubjects[problem.code],
                wait: { seconds: problem.retryAfterSeconds ?? 0 },
              }
            }
          />
          <Field
            id="app-name"
            name="name"
            label={words.appName}
            hint={words.nameHint}
            dir="auto"
            type="text"
            autoComplete="off"
            maxLength={64}
            defaultValue={name || undefined}
            problem={null}
          />
        </div>
        <div className={screen.actions}>
          <Button type="submit" busy={isSent}>
            {isSent ? messages.factors.adding : enroll.add}
          </Button>
          <ScreenLink href={`${BASE_PATH}/ways`}>{enroll.cancel}</ScreenLink>
        </div>
      </form>
    </section>
  );
}
