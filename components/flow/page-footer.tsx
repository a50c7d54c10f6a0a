import { BASE_PATH } from '@/lib/base-path';
import type { PageState } from '@/lib/contract';
import styles from './phone-verification.module.css';

/**
 * The footer of every page about codes. It says that we never call to ask for one and, in a demo, where codes arrive.
 */
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
