import { applicationRequest, createTemplateRequest, updateTemplateRequest } from './contract';
import { type Operation, operation, type Reply } from './operation';

const APPLICATIONS = '/2fa/2/applications';
const MESSAGES = `${APPLICATIONS}/{appId}/messages`;

const applications = { name: 'applications', scopes: ['2fa:manage'] } as const;
const templates = { name: 'templates', scopes: ['2fa:manage'] } as const;

const ok = (body: unknown): Reply => ({ status: 200, body });

/** Document: tags manage-applications and manage-message-templates, without the parts about e-mail. */
export const APPLICATION_OPERATIONS: readonly Operation[] = [
  operation({
    ...applications,
    method: 'GET',
    path: APPLICATIONS,
    run: (_call, state) => ok(state.applications.list()),
  }),
  operation({
    ...applications,
    method: 'POST',
    path: APPLICATIONS,
    body: applicationRequest,
    run: ({ body }, state) => ({ status: 201, body: state.applications.create(body) }),
  }),
  operation({
    ...applications,
    method: 'GET',
    path: `${APPLICATIONS}/{appId}`,
    run: ({ params }, state) => ok(state.applications.get(params.appId ?? '')),
  }),
  operation({
    ...applications,
    method: 'PUT',
    path: `${APPLICATIONS}/{appId}`,
    body: applicationRequest,
    run: ({ params, body }, state) => ok(state.applications.update(params.appId ?? '', body)),
  }),
  operation({
    ...templates,
    method: 'GET',
    path: MESSAGES,
    run: ({ params }, state) => ok(state.applications.listTemplates(params.appId ?? '')),
  }),
  operation({
    ...templates,
    method: 'POST',
    path: MESSAGES,
    body: createTemplateRequest,
    // The document says 200 here, not the 201 of applications.
    run: ({ params, body }, state) => ok(state.applications.createTemplate(params.appId ?? '', body)),
  }),
  operation({
    ...templates,
    method: 'GET',
    path: `${MESSAGES}/{msgId}`,
    run: ({ params }, state) => ok(state.applications.getTemplate(params.appId ?? '', params.msgId ?? '')),
  }),
  operation({
    ...templates,
    method: 'PUT',
    path: `${MESSAGES}/{msgId}`,
    body: updateTemplateRequest,
    run: ({ params, body }, state) =>
      ok(state.applications.updateTemplate(params.appId ?? '', params.msgId ?? '', body)),
  }),
];
