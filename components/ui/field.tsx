import type { ComponentProps, ReactNode } from 'react';
import type { ErrorSubject } from '@/lib/errors';
import { useElementId } from './element-id';
import styles from './field.module.css';
import type { Problem } from './problem';
import { ProblemText } from './problem-text';
import { Room } from './room';

interface FieldProps extends Omit<ComponentProps<'input'>, 'className'> {
  /** Unique on the page, apart from the prefix. */
  id: string;
  label: string;
  hint: ReactNode;
  /** The number of digits of a code; each one gets its own slot. */
  slots?: number;
  problem: Problem | null;
}

/** A network problem does not make a field invalid. */
const INVALID: ReadonlySet<ErrorSubject> = new Set<ErrorSubject>(['value', 'code']);

/**
 * A labeled text field with its hint and its problem. Keeps its value in the DOM, so that text typed before the script
 * runs stays.
 */
export function Field({ id: name, label, hint, slots, problem, ...input }: FieldProps) {
  const id = useElementId(name);
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
      <div className={slots ? styles.code : undefined} data-slots={slots}>
        <input
          dir="ltr"
          {...input}
          id={id}
          className={styles.input}
          aria-invalid={problem !== null && INVALID.has(problem.about)}
          aria-describedby={problem ? `${problemId} ${hintId}` : hintId}
        />
        <span aria-hidden="true">
          {Array.from({ length: slots ?? 0 }, (_, i) => (
            <span key={i} />
          ))}
        </span>
      </div>
      <Room>
        {problem && (
          <div className={styles.message}>
            <ProblemText id={problemId} problem={problem} />
          </div>
        )}
      </Room>
    </div>
  );
}
