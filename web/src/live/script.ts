// Where the worker's script is. The content policy lets workers run only what has come through a policy of this name.
import address from './worker?worker&url';

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(of: string): string }): { createScriptURL(of: string): string };
}

const { trustedTypes } = window as { trustedTypes?: TrustedTypes };

/** Every other address is refused, whoever asks. */
function ours(of: string): string {
  if (of !== address) throw new TypeError(`${of} is no script of ours`);
  return of;
}

/** Made into an object of its own kind where the browser knows trusted types; others take the text. */
export const WORKER_SCRIPT =
  trustedTypes?.createPolicy('poe-worker', { createScriptURL: ours }).createScriptURL(address) ?? address;
