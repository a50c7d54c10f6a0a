import type { FormEvent } from 'react';
import type { Channel } from '@/lib/contract';

/** The channel of the button that submitted a form; undefined if it names none. */
export function channelOf({ nativeEvent }: FormEvent): Channel | undefined {
  const button = (nativeEvent as SubmitEvent).submitter;
  const named = button instanceof HTMLButtonElement && button.name === 'channel';
  return named ? (button.value as Channel) : undefined;
}
