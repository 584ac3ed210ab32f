// How targets stand, and the form in which they are described.
import type { MailSecurity, Target, TargetBody, TargetSettings, WebhookFormat } from '../../api/types';
import type { Together } from '../../parts/merge';
import { linesOf, numberOf, textOf } from './numbers';

export type TargetState = 'failing' | 'waiting' | 'well' | 'untried';
export type Delivery = 'email' | 'webhook' | 'command';
/** What becomes of the file with a password or a secret. */
export type SecretChoice = 'keep' | 'none' | 'file';

export function stateOf(target: Target): TargetState {
  if (target.failing > 0) return 'failing';
  if (target.waiting > 0) return 'waiting';
  return target.last_success ? 'well' : 'untried';
}

/** A target as a form holds it: all is text until it is sent. */
export interface TargetForm {
  name: string;
  delivery: Delivery;
  host: string;
  port: string;
  security: MailSecurity;
  from: string;
  to: string;
  user: string;
  url: string;
  format: WebhookFormat;
  run: string;
  limit: string;
  caFile: string;
  expires: string;
  secret: SecretChoice;
  secretFile: string;
}

/** A file is named for a choice, and means nothing beside another. */
export const TOGETHER: Together<TargetForm> = [['secret', 'secretFile']];

export function formOf(settings: TargetSettings | undefined): TargetForm {
  const { email, webhook, command } = settings ?? {};
  return {
    name: settings?.name ?? '',
    delivery: command ? 'command' : webhook ? 'webhook' : 'email',
    host: email?.host ?? '',
    port: textOf(email?.port),
    security: email?.security ?? 'starttls',
    from: email?.from ?? '',
    to: email?.to.join('\n') ?? '',
    user: email?.user ?? '',
    url: webhook?.url ?? '',
    format: webhook?.format ?? 'json',
    run: command?.run.join('\n') ?? '',
    limit: textOf(command?.limit_s),
    caFile: email?.ca_file ?? webhook?.ca_file ?? '',
    expires: textOf(settings?.expires_s),
    secret: email?.has_password || webhook?.has_secret ? 'keep' : 'none',
    secretFile: '',
  };
}

/** What is sent. A secret that is to stay as it is must not be mentioned. */
export function bodyOf(form: TargetForm): TargetBody {
  const orNull = (text: string) => text.trim() || null;
  const file = form.secret === 'file' ? orNull(form.secretFile) : null;
  const isSaid = form.secret !== 'keep';
  const body: TargetBody = { name: form.name.trim(), expires_s: numberOf(form.expires, 'expires_s') };
  switch (form.delivery) {
    case 'email':
      body.email = {
        host: form.host.trim(),
        port: numberOf(form.port, 'port'),
        security: form.security,
        from: form.from.trim(),
        to: linesOf(form.to),
        user: orNull(form.user),
        ca_file: orNull(form.caFile),
        ...(isSaid && { password_file: file }),
      };
      break;
    case 'webhook':
      body.webhook = {
        url: form.url.trim(),
        format: form.format,
        ca_file: orNull(form.caFile),
        ...(isSaid && { secret_file: file }),
      };
      break;
    case 'command':
      body.command = { run: linesOf(form.run), limit_s: numberOf(form.limit, 'limit_s') };
  }
  return body;
}
