import styles from '@/components/factors/factors.module.css';
import { SendingForm } from '@/components/factors/sending-form';
import button from '@/components/ui/button.module.css';
import { Interpolate } from '@/components/ui/interpolate';
import screen from '@/components/ui/screen.module.css';
import { BASE_PATH, HOME } from '@/lib/base-path';
import type { ListedWay, WaysState } from '@/lib/contract';
import { say, sayCount } from '@/lib/i18n/say';
import { AddPasskey } from './add-passkey';
import { Part } from './part';
import type { ViewProps } from './ways-page';

/** The ways that a number has, and forms to change them. */
export function WayList({ page, view }: ViewProps<'list'>) {
  const { messages, words, number } = page;
  const { ways, resetAt, isResetOpen } = view;
  const own = `${BASE_PATH}/ways`;
  return (
    <>
      <section className={screen.screen}>
        <h1 className={screen.heading}>{messages.factors.ways}</h1>
        <p className={screen.lead}>
          <Interpolate text={words.lead}>
            <bdi className={screen.number} dir="ltr">
              {number}
            </bdi>
          </Interpolate>
        </p>
        {resetAt !== null && (
          <p className={styles.notice}>
            {isResetOpen ? words.reset.open : say(words.reset.pending, { date: resetAt })}
          </p>
        )}
        {ways.length > 0 && (
          <ul className={styles.ways}>
            {ways.map((way) => (
              <Way key={way.id} way={way} page={page} />
            ))}
          </ul>
        )}
        <p className={styles.note}>{words.weaker}</p>
      </section>
      <AddPasskey page={page} />
      <Part id="app" heading={words.types.totp}>
        <p className={styles.note}>{words.appText}</p>
        <SendingForm action={own} fields={{ action: 'app' }} label={words.addApp} variant="secondary" />
      </Part>
      {ways.length > 0 && <RecoveryCodes page={page} left={view.recoveryCodesLeft} />}
      <p>
        <a href={HOME}>{messages.about.back}</a>
      </p>
    </>
  );
}

function Way({
  way: { id, name, type, synced, addedOn, usedOn },
  page: { words },
}: {
  way: ListedWay;
  page: WaysState;
}) {
  const facts = [
    ...(name === words.types[type] ? [] : [words.types[type]]),
    ...(synced ? [words.synced] : []),
    say(words.addedOn, { date: addedOn }),
    usedOn === null ? words.unused : say(words.usedOn, { date: usedOn }),
  ];
  return (
    <li className={styles.way}>
      <div>
        <bdi className={styles.name}>{name}</bdi>
        {facts.map((fact) => (
          <span key={fact} className={styles.fact}>
            {fact}
          </span>
        ))}
      </div>
      <a
        className={`${button.button} ${button.link}`}
        href={`?remove=${id}`}
        aria-label={say(words.removeNamed, { name })}
      >
        {words.remove}
      </a>
    </li>
  );
}

function RecoveryCodes({ page: { words, language }, left }: { page: WaysState; left: number }) {
  const { recovery } = words;
  return (
    <Part id="recovery" heading={recovery.heading}>
      <p className={styles.note}>{recovery.text}</p>
      {left > 0 && (
        <p>
          {sayCount(recovery.left, left, language)} {recovery.renewText}
        </p>
      )}
      <SendingForm
        action={`${BASE_PATH}/ways`}
        fields={{ action: 'recovery-codes' }}
        label={left > 0 ? recovery.renew : recovery.create}
        variant="secondary"
      />
    </Part>
  );
}
