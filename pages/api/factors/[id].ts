import { removalForm } from '@/lib/http/factor-schemas';
import { isFormPost } from '@/lib/http/form';
import { identifyProgram, requireKey } from '@/lib/http/guards/api-key';
import { factorsEnabled } from '@/lib/http/guards/factors-enabled';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { jsonOrForm } from '@/lib/http/guards/json-or-form';
import { mayManage } from '@/lib/http/guards/may-manage';
import { methods } from '@/lib/http/guards/methods';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { type Guard, type RouteCall, route } from '@/lib/http/route';
import { callerWithSession, returnSession } from '@/lib/http/session-header';
import { removeFactor } from '@/lib/methods/manage-factors';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

const form: Guard = jsonOrForm<unknown>(removalForm, 'factors');
const onlyDelete = methods('DELETE');

/** A page without script has no DELETE, so it posts a form. */
const deleteOrForm: Guard = (call) =>
  call.request.method === 'POST' && isFormPost(call.request.headers) ? form(call) : onlyDelete(call);

async function remove(call: RouteCall): Promise<undefined> {
  const { services, request, log } = call;
  const { sessionToken } = await removeFactor(services, String(request.query.id), callerWithSession(call), log);
  returnSession(call, sessionToken);
}

/** Removes a way to verify. The session continues under another token. Other sessions can no longer manage the ways. */
export default route({
  path: '/api/factors/[id]',
  services: getServices,
  guards: [sameOrigin, identifyProgram, floodShield, factorsEnabled, deleteOrForm, requireKey, mayManage],
  handle: remove,
});
