import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { VerificationState } from '@/components/flow/verification-state';
import { Button } from '@/components/ui/button';
import { useElementId } from '@/components/ui/element-id';
import type { Failure } from '@/components/ui/problem';
import screen from '@/components/ui/screen.module.css';
import { ScreenLink } from '@/components/ui/screen-link';
import { useText } from '@/components/ui/text';
import { BASE_PATH } from '@/lib/base-path';
import type { PageState } from '@/lib/contract';
import styles from './factors.module.css';
import { dismissOffer, isOfferDismissed } from './offer-dismissed';
import { hasUsedPasskey, NOT_LOADED } from './passkeys';
import { WithProblem } from './with-problem';

interface OtherWaysProps {
  page: PageState;
  state: VerificationState;
}

/** What the success screen says about other ways to verify: an offer, a reminder, and a link to the list of ways. */
export function OtherWays({ page, state: { unused, successes } }: OtherWaysProps) {
  const { factors } = useText().messages;
  const link = useRef<HTMLParagraphElement>(null);
  // A page that has just loaded offers nothing: the server does not know what the person dismissed.
  const [isOffered, offer] = useState(
    () =>
      successes > 0 &&
      unused?.length === 0 &&
      'PublicKeyCredential' in window &&
      !hasUsedPasskey() &&
      !isOfferDismissed(),
  );

  function dismiss() {
    dismissOffer();
    offer(false);
    link.current?.querySelector('a')?.focus();
  }

  const better = unused?.find((type) => type === 'passkey') ?? unused?.[0];
  return (
    <>
      {isOffered && <PasskeyOffer page={page} onDismiss={dismiss} />}
      {better && <p>{factors.nextTime[better]}</p>}
      <p ref={link}>
        <ScreenLink href={`${BASE_PATH}/ways`}>{factors.ways}</ScreenLink>
      </p>
    </>
  );
}

interface PasskeyOfferProps extends Pick<OtherWaysProps, 'page'> {
  onDismiss: () => void;
}

/** Offers to add a passkey, right here. */
function PasskeyOffer({ page, onDismiss }: PasskeyOfferProps) {
  const { factors } = useText().messages;
  const headingId = useElementId('offer-heading');
  const problemId = useElementId('offer-problem');
  const button = useRef<HTMLButtonElement>(null);
  const [step, setStep] = useState<'offered' | 'adding' | 'added'>('offered');
  const [failure, setFailure] = useState<Failure | null>(null);

  async function add() {
    setFailure(null);
    setStep('adding');
    const outcome = await import('./add-passkey').then(
      ({ addPasskey }) => addPasskey(page, factors.passkey),
      () => NOT_LOADED,
    );
    setStep(outcome.ok ? 'added' : 'offered');
    if (outcome.ok) return;
    setFailure(outcome.failure);
    button.current?.focus();
  }

  if (step === 'added') return <Arrival>{factors.added}</Arrival>;
  return (
    <section className={styles.offer} aria-labelledby={headingId}>
      <h2 id={headingId} className={styles.subheading}>
        {factors.offer}
      </h2>
      <p className={styles.note}>{factors.why}</p>
      <WithProblem id={problemId} failure={failure}>
        <div className={styles.row}>
          <Button
            ref={button}
            variant="secondary"
            busy={step === 'adding'}
            aria-describedby={failure ? problemId : undefined}
            onClick={add}
          >
            {step === 'adding' ? factors.adding : factors.add}
          </Button>
          <Button variant="link" onClick={onDismiss}>
            {factors.notNow}
          </Button>
        </div>
      </WithProblem>
    </section>
  );
}

/** A message that takes the focus, because the control that had it is gone. */
function Arrival({ children }: { children: ReactNode }) {
  const message = useRef<HTMLParagraphElement>(null);
  useEffect(() => message.current?.focus(), []);
  return (
    <p ref={message} tabIndex={-1} className={screen.notice}>
      {children}
    </p>
  );
}
