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

/** Parts of the page that may be a part of the script that loads later. */
export interface Later {
  /** The screens after the first; undefined until they are loaded. */
  readonly screen: () => ComponentType<LaterScreenProps> | undefined;
  /** Loads them together with the code that talks to the server, so that no request has an outcome that the page cannot show. */
  readonly load: () => Promise<Requests>;
  /** The ways to verify without a message, on the first screen; undefined if there are none. */
  readonly OtherWays?: ComponentType<OtherWaysProps>;
}
