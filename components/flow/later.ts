import type { ComponentType } from 'react';
import type { PageState } from '@/lib/contract';
import type { LaterScreenProps } from './later-screen';
import type { Requests, VerificationActions } from './use-verification';
import type { VerificationState } from './verification-state';

export interface OtherWaysProps {
  state: VerificationState;
  actions: VerificationActions;
  page: PageState;
}

/** Parts of the page whose script may load later than the page. */
export interface Later {
  /** The screens after the first; undefined until they are loaded. */
  readonly screen: () => ComponentType<LaterScreenProps> | undefined;
  /** Loads the screens together with the requests to the server, so the page can show the outcome of every request. */
  readonly load: () => Promise<Requests>;
  /** The ways to verify without a message, on the first screen; undefined if there are none. */
  readonly OtherWays?: ComponentType<OtherWaysProps>;
}
