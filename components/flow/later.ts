import type { ComponentType } from 'react';
import type { PageState } from '@/lib/contract';
import type { LaterScreenProps } from './later-screen';
import type { VerificationActions } from './use-verification';
import type { VerificationState } from './verification-state';

export interface OtherWaysProps {
  state: VerificationState;
  actions: VerificationActions;
  page: PageState;
}

/** Parts of the page that may be parts of the script that load later. */
export interface Later {
  /** The screens after the first; undefined until they are loaded. */
  readonly screen: () => ComponentType<LaterScreenProps> | undefined;
  readonly load: () => Promise<unknown>;
  /** The ways to verify without a message, on the first screen; undefined where there are none. */
  readonly otherWays?: () => ComponentType<OtherWaysProps> | undefined;
}
