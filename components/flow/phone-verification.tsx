import { Flow, type FlowProps } from './flow';
import { laterFor } from './split-screens';

/** Verification of a phone number in three screens: number, code, success. */
export const PhoneVerification = (props: Omit<FlowProps, 'later'>) => <Flow {...props} later={laterFor(props.state)} />;
