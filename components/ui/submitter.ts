import type { FormEvent } from 'react';
import type { Channel } from '@/lib/contract';

/** The channel that the button stands for that a form was submitted with; undefined where it names none. */
export function channelOf({ nativeEvent }: FormEvent): Channel | undefined {
  const button = (nativeEvent as SubmitEvent).submitter;
  const named = button instanceof HTMLButtonElement && button.name === 'channel';
  return named ? (button.value as Channel) : undefined;
}
