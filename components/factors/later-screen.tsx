import { LaterScreen, type LaterScreenProps } from '@/components/flow/later-screen';
import { OtherWays } from './other-ways';

// In the same part of the script.
export { suggestPasskeys, verifyByPasskey } from './passkeys';

/** The screens after the first, where people can verify in other ways than by codes. */
export const LaterScreenWithWays = (props: LaterScreenProps) => (
  <LaterScreen {...props} ways={<OtherWays page={props.page} state={props.state} actions={props.actions} />} />
);
