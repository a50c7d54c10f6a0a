import type { ComponentProps } from 'react';
import type { ErrorSubject } from '@/lib/errors';
import styles from './field.module.css';
import type { Problem } from './problem';
import { ProblemText } from './problem-text';

interface FieldProps extends Omit<ComponentProps<'input'>, 'className'> {
  id: string;
  label: string;
  hint: string;
  variant: 'phone' | 'code';
  problem: Problem | null;
}

/** A field is not invalid because the network is down. */
const INVALID: ReadonlySet<ErrorSubject> = new Set<ErrorSubject>(['value', 'code']);

/**
 * A labelled text field with its hint, and the problem with it tied to it. Keeps its value in the DOM, so that what is
 * typed before the script runs stays.
 */
export function Field({ id, label, hint, variant, problem, ...input }: FieldProps) {
  const hintId = `${id}-hint`;
  const problemId = `${id}-problem`;
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      <p id={hintId} className={styles.hint}>
        {hint}
      </p>
      <input
        {...input}
        id={id}
        dir="ltr"
        className={[styles.input, styles[variant]].filter(Boolean).join(' ')}
        aria-invalid={problem !== null && INVALID.has(problem.about)}
        aria-describedby={problem ? `${problemId} ${hintId}` : hintId}
      />
      <div className={styles.message}>{problem && <ProblemText id={problemId} problem={problem} />}</div>
    </div>
  );
}
