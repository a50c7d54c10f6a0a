import { LaterScreen, type LaterScreenProps } from '@/components/flow/later-screen';
import { OtherWays } from './other-ways';

/** The screens after the first, where people can verify in other ways than by codes. */
export const LaterScreenWithWays = (props: LaterScreenProps) => (
  <LaterScreen {...props} ways={<OtherWays state={props.state} />} />
);
