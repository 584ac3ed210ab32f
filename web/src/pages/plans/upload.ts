// Sends a picture and tells how far it is, which `fetch` cannot.
import { address } from '../../api/call';
import { Problem } from '../../api/problem';
import type { Changed, Problem as View } from '../../api/types';
import { words } from '../../words';

/** What can be chosen; the server looks at the bytes. */
export const PICTURES = 'image/png,image/jpeg,image/webp,image/svg+xml';

const BY_ENDING: Record<string, string> = {
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
};

/** What a file says that it is, or else what its name says. */
export function typeOf({ name, type }: Pick<File, 'name' | 'type'>): string {
  return type || (BY_ENDING[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream');
}

export function upload(plan: string, version: number, file: File, tell: (part: number) => void): Promise<Changed> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', address('PUT /api/v1/plans/{name}/image', { path: { name: plan }, body: file }));
    request.setRequestHeader('Content-Type', typeOf(file));
    request.setRequestHeader('If-Match', `"${version}"`);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => tell(total > 0 ? loaded / total : 0);
    request.onload = () => {
      if (request.status < 300) resolve(request.response as Changed);
      else reject(problemIn(request));
    };
    request.onerror = () => reject(new Problem(0, words.common.unreachable));
    request.send(file);
  });
}

function problemIn({ status, statusText, response }: XMLHttpRequest): Problem {
  const view = (response ?? {}) as Partial<View>;
  return new Problem(status, view.detail ?? `${status} ${statusText}`, view.field, view.errors);
}
