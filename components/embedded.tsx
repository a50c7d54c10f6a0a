import { type ReactElement, useId } from 'react';
import { Flow } from '@/components/flow/flow';
import { LaterScreen } from '@/components/flow/later-screen';
import type { PhoneVerificationProps } from '@/components/flow/props';
import { IdPrefix } from '@/components/ui/element-id';
import { directionOf } from '@/lib/i18n/languages';

const LATER = { screen: () => LaterScreen, load: () => import('@/components/flow/requests') };

/**
 * Verification of a phone number in three screens: number, code, success. The element around it has the class that
 * `styles.css` applies to, and the language and direction of the texts, which may differ from those of the page.
 */
export function PhoneVerification(props: PhoneVerificationProps): ReactElement {
  const { language } = props.state;
  return (
    <div className="phone-verification" lang={language} dir={directionOf(language)}>
      <IdPrefix value={`${useId()}-`}>
        <Flow {...props} later={LATER} />
      </IdPrefix>
    </div>
  );
}
