import { useState } from 'react';
import styles from '@/components/factors/factors.module.css';
import { Button } from '@/components/ui/button';
import screen from '@/components/ui/screen.module.css';
import { ScreenLink } from '@/components/ui/screen-link';
import { useHydrated } from '@/components/ui/use-hydrated';
import { BASE_PATH } from '@/lib/base-path';
import type { ViewProps } from './ways-page';

/** Shows new recovery codes. No page shows them again. */
export function NewCodes({ page: { words }, view: { codes } }: ViewProps<'codes'>) {
  const hasScript = useHydrated();
  const [isCopied, setCopied] = useState(false);

  async function copy() {
    // If the browser refuses to copy, people can still select the codes.
    await navigator.clipboard.writeText(codes.join('\n')).then(
      () => setCopied(true),
      () => undefined,
    );
  }

  return (
    <section className={`${screen.screen} ${styles.once}`}>
      <h1 className={screen.heading}>{words.codes.heading}</h1>
      <p>{words.codes.text}</p>
      <ol className={styles.codes} dir="ltr">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div className={styles.row}>
        <Button variant="secondary" absent={!hasScript} onClick={() => void copy()}>
          {words.codes.copy}
        </Button>
        <Button variant="secondary" absent={!hasScript} onClick={() => window.print()}>
          {words.codes.print}
        </Button>
        <span role="status" className={screen.notice}>
          {isCopied && words.codes.copied}
        </span>
      </div>
      <div className={screen.actions}>
        <ScreenLink variant="primary" href={`${BASE_PATH}/ways`}>
          {words.codes.done}
        </ScreenLink>
      </div>
    </section>
  );
}
