import { BASE_PATH } from '@/lib/base-path';
import type { PageState } from '@/lib/contract';
import styles from './phone-verification.module.css';

/** What every page about codes says below: nobody calls to ask for one. In a demo, also where codes arrive. */
export function PageFooter({ messages, inboxUrl }: Pick<PageState, 'messages'> & { inboxUrl?: string | null }) {
  return (
    <footer className={styles.footer}>
      <p>
        {messages.footer} <a href={`${BASE_PATH}/about`}>{messages.aboutLink}</a>
      </p>
      {inboxUrl && (
        <a href={inboxUrl} target="_blank" rel="noopener">
          {messages.inbox}
        </a>
      )}
    </footer>
  );
}
