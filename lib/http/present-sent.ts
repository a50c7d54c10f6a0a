import type { SendReply } from '@/lib/contract';
import { formatPhoneNumber } from '@/lib/methods/phone/phone-number';
import type { Sent } from '@/lib/methods/phone/send-code';
import { startMark } from '@/lib/verification/started-here';
import { present } from './present';
import type { RouteCall } from './route';

/**
 * The reply to a client whose code is on its way.
 * @param isStartedHere whether the number was typed in this browser, which then shows the whole of it
 */
export function presentSent<Reply extends SendReply>(
  call: RouteCall,
  { verificationToken, phoneNumber, reply }: Sent<Reply>,
  isStartedHere: boolean,
): Reply {
  // A login needs no mark, because it is bound to its browser anyway.
  const mark = isStartedHere && !call.login && { 'started-here': startMark(call.services.privacy, verificationToken) };
  return present<Reply>(call, {
    reply: isStartedHere ? { ...reply, to: formatPhoneNumber(phoneNumber) } : reply,
    cookies: { verification: verificationToken, ...mark },
    forPrograms: { pinId: verificationToken } as Partial<Reply>,
  });
}
