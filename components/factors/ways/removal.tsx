import { SendingForm } from '@/components/factors/sending-form';
import screen from '@/components/ui/screen.module.css';
import { ScreenLink } from '@/components/ui/screen-link';
import { BASE_PATH } from '@/lib/base-path';
import { say } from '@/lib/i18n/say';
import type { ViewProps } from './ways-page';

/** Asks whether to remove a way. */
export function Removal({ page: { words }, view: { way, isLast } }: ViewProps<'removal'>) {
  const { removal } = words;
  return (
    <section className={screen.screen}>
      <h1 className={screen.heading}>{say(removal.heading, { name: way.name })}</h1>
      <p>{isLast ? removal.last : removal.text}</p>
      <SendingForm
        action={`${BASE_PATH}/api/factors/${way.id}`}
        fields={{ action: 'remove' }}
        label={words.remove}
        longLabel={say(words.removeNamed, { name: way.name })}
      />
      <div className={screen.actions}>
        <ScreenLink href={`${BASE_PATH}/ways`}>{removal.keep}</ScreenLink>
      </div>
    </section>
  );
}
