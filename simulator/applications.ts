import { type Application, type ApplicationRequest, DEFAULT_CONFIGURATION, type Template } from './contract';
import { ApiError } from './errors';
import { randomId } from './random';
import { SEED_APPLICATION, SEED_TEMPLATES } from './seed';

/** The most applications, and the most templates, that one simulator holds. It refuses more. */
const MAX_ENTRIES = 1_000;

type Fields<T> = { [K in keyof T]?: T[K] | undefined };

/** 2FA applications and their message templates. Document: tags manage-applications and manage-message-templates. */
export class Applications {
  readonly #applications = new Map<string, Application>();
  readonly #templates = new Map<string, Template>();

  constructor() {
    this.reset();
  }

  reset(): void {
    this.#applications.clear();
    this.#templates.clear();
    this.#applications.set(SEED_APPLICATION.applicationId, structuredClone(SEED_APPLICATION));
    for (const template of SEED_TEMPLATES) this.#templates.set(template.messageId, structuredClone(template));
  }

  list(): Application[] {
    return [...this.#applications.values()];
  }

  /** Throws 404. */
  get(applicationId: string): Application {
    const application = this.#applications.get(applicationId);
    if (!application) throw new ApiError('NOT_FOUND', { text: 'Application not found' });
    return application;
  }

  /** Throws 404, or 400 if the application is disabled. The document names no error for that case. */
  getEnabled(applicationId: string): Application {
    const application = this.get(applicationId);
    if (!application.enabled) throw new ApiError('BAD_REQUEST', { text: 'Application is disabled' });
    return application;
  }

  /** Defaults come from the document. It has none for `enabled`, so the simulator uses true. */
  create(request: ApplicationRequest): Application {
    refuseWhenFull(this.#applications);
    const application: Application = {
      applicationId: randomId(),
      name: request.name,
      configuration: merge(DEFAULT_CONFIGURATION, request.configuration ?? {}),
      enabled: request.enabled ?? true,
    };
    this.#applications.set(application.applicationId, application);
    return application;
  }

  /** Fields that the request omits stay unchanged. */
  update(applicationId: string, request: ApplicationRequest): Application {
    const application = this.get(applicationId);
    application.name = request.name;
    application.enabled = request.enabled ?? application.enabled;
    application.configuration = merge(application.configuration, request.configuration ?? {});
    return application;
  }

  listTemplates(applicationId: string): Template[] {
    this.get(applicationId);
    return [...this.#templates.values()].filter((template) => template.applicationId === applicationId);
  }

  /** Throws 404, for another application's template too. */
  getTemplate(applicationId: string, messageId: string): Template {
    this.get(applicationId);
    const template = this.#templates.get(messageId);
    if (template?.applicationId !== applicationId) throw new ApiError('NOT_FOUND', { text: 'Message not found' });
    return template;
  }

  /** `pinLength` defaults to 4: the document states no default, but has 4 in its examples. */
  createTemplate(
    applicationId: string,
    fields: Fields<Template> & Pick<Template, 'messageText' | 'pinType'>,
  ): Template {
    this.get(applicationId);
    refuseWhenFull(this.#templates);
    const base = { messageText: fields.messageText, pinType: fields.pinType, pinLength: 4 };
    const ids = { messageId: randomId(), applicationId, pinPlaceholder: '{{pin}}' as const };
    const template: Template = { ...merge<Omit<Template, keyof typeof ids>>(base, fields), ...ids };
    this.#templates.set(template.messageId, template);
    return template;
  }

  updateTemplate(applicationId: string, messageId: string, fields: Fields<Template>): Template {
    const template = merge(this.getTemplate(applicationId, messageId), fields);
    this.#templates.set(messageId, template);
    return template;
  }
}

/** A copy of `base` with the given fields replaced. */
function merge<T extends object>(base: T, fields: Fields<T>): T {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(given) };
}

function refuseWhenFull(map: Map<string, unknown>): void {
  if (map.size >= MAX_ENTRIES) throw new ApiError('BAD_REQUEST', { text: 'No room for more: reset the simulator' });
}
