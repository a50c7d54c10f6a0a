import type { ComponentType } from 'react';
import styles from '@/components/factors/factors.module.css';
import { CardPage } from '@/components/flow/card-page';
import { PageFooter } from '@/components/flow/page-footer';
import { ProblemText } from '@/components/ui/problem-text';
import screen from '@/components/ui/screen.module.css';
import { ScreenLink } from '@/components/ui/screen-link';
import { TextProvider } from '@/components/ui/text';
import { BASE_PATH, HOME } from '@/lib/base-path';
import type { WaysState, WaysView } from '@/lib/contract';
import { AppSetup } from './app-setup';
import { NewCodes } from './new-codes';
import { Removal } from './removal';
import { StepUp } from './step-up';
import { WayList } from './way-list';

export interface ViewProps<Kind extends WaysView['kind']> {
  page: WaysState;
  view: Extract<WaysView, { kind: Kind }>;
}

const VIEWS: { readonly [Kind in WaysView['kind']]: ComponentType<ViewProps<Kind>> } = {
  'no-session': NoSession,
  'step-up': StepUp,
  list: WayList,
  removal: Removal,
  app: AppSetup,
  codes: NewCodes,
  outage: Outage,
};

/** The page where people see and change their ways to verify. */
export function WaysPage(page: WaysState) {
  const { brand, language, messages, view, problem } = page;
  const View = VIEWS[view.kind] as ComponentType<ViewProps<WaysView['kind']>>;
  // The problem of a wrong code is beside its field.
  const isAbove = problem !== null && view.kind !== 'app';
  return (
    <CardPage brand={brand} language={language} messages={messages}>
      <TextProvider language={language} messages={messages}>
        {isAbove && (
          <div role="alert">
            <ProblemText
              id="ways-problem"
              problem={{
                ...problem,
                about: page.errorSubjects[problem.code],
                wait: { seconds: problem.retryAfterSeconds ?? 0 },
              }}
            />
          </div>
        )}
        <View page={page} view={view} />
      </TextProvider>
      <PageFooter messages={messages} />
    </CardPage>
  );
}

function NoSession({ page: { messages, words } }: ViewProps<'no-session'>) {
  return (
    <section className={screen.screen}>
      <h1 className={screen.heading}>{messages.factors.ways}</h1>
      <p>{words.verifyFirst}</p>
      <p className={styles.note}>{words.weaker}</p>
      <div className={screen.actions}>
        <ScreenLink variant="primary" href={HOME}>
          {words.verify}
        </ScreenLink>
      </div>
    </section>
  );
}

function Outage({ page: { messages } }: ViewProps<'outage'>) {
  return (
    <section className={screen.screen}>
      <h1 className={screen.heading}>{messages.factors.ways}</h1>
      <div className={screen.actions}>
        <ScreenLink variant="primary" href={`${BASE_PATH}/ways`}>
          {messages.retry}
        </ScreenLink>
      </div>
    </section>
  );
}
