// Requests to the server, with the types of its contract.
import { words } from '../words';
import { Problem } from './problem';
import type { Operations } from './types';

export type Operation = keyof Operations;
type Part<O extends Operation, P extends string> =
  Operations[O] extends Record<P, infer T> ? { [part in P]: T } : object;
type Query<O extends Operation> = Operations[O] extends { query: infer Q }
  ? object extends Q
    ? { query?: Q }
    : { query: Q }
  : object;

/** What a request needs, as the contract says. */
export type Request<O extends Operation> = Part<O, 'path'> &
  Part<O, 'body'> &
  Query<O> & {
    signal?: AbortSignal;
    /** The version that is being edited: if somebody was faster, nothing is done, and the problem has status 412. */
    ifMatch?: string | number;
    /** For bodies that are no JSON. */
    contentType?: string;
    /** One for all tries of one intention: what the server has done for it already, it does not do again. */
    key?: string;
  };
type Arguments<O extends Operation> = object extends Request<O> ? [request?: Request<O>] : [request: Request<O>];
export type Answer<O extends Operation> = Operations[O]['answer'];

interface Loose {
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
  signal?: AbortSignal;
  ifMatch?: string | number;
  contentType?: string;
  key?: string;
}

/** An answer takes no longer; a connection that is dead would be waited for until somebody closes the page. */
const LIMIT_MS = 15_000;

let whenLoggedOut = () => {};

/** Has somebody told when the server no longer knows who asks. */
export function onLoggedOut(tell: () => void): void {
  whenLoggedOut = tell;
}

/** The address of a request, relative to the page, for links and pictures as well. */
export function address<O extends Operation>(operation: O, ...[request]: Arguments<O>): string {
  const { path = {}, query = {} } = (request ?? {}) as Loose;
  const template = operation.slice(operation.indexOf(' ') + 2);
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(path[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== '') search.append(name, String(one));
    }
  }
  return search.size > 0 ? `${filled}?${search}` : filled;
}

/** Asks, and gives the answer as it is. Throws a `Problem` for all but success. */
export async function ask<O extends Operation>(operation: O, ...args: Arguments<O>): Promise<Response> {
  const { body, signal, ifMatch, contentType, key = newKey() } = (args[0] ?? {}) as Loose;
  const method = operation.slice(0, operation.indexOf(' '));
  const headers = new Headers();
  const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' };
  // What is uploaded may be large, and the line slow.
  const limits = [signal, contentType ? undefined : AbortSignal.timeout(LIMIT_MS)].filter((one) => one !== undefined);
  if (limits.length > 0) init.signal = AbortSignal.any(limits);
  if (ifMatch !== undefined) headers.set('If-Match', `"${String(ifMatch).replaceAll('"', '')}"`);
  if (contentType) {
    headers.set('Content-Type', contentType);
    init.body = body as BodyInit;
  } else if (body !== undefined) {
    headers.set('Content-Type', 'application/json');
    init.body = JSON.stringify(body);
  }
  if (method === 'POST') headers.set('Idempotency-Key', key);
  const answer = await fetch(address(operation, ...args), init).catch(cut(args[0]));
  if (answer.ok) return answer;
  if (answer.status === 401 && operation !== 'POST /api/v1/login') whenLoggedOut();
  throw await Problem.of(answer);
}

/** What it means that there is no answer, or half of one. */
function cut({ signal }: { signal?: AbortSignal } = {}): (cause: unknown) => never {
  return (cause) => {
    if (signal?.aborted) throw cause;
    throw new Problem(0, words.common.unreachable);
  };
}

/** Asks, and gives what the answer says. */
export async function call<O extends Operation>(operation: O, ...args: Arguments<O>): Promise<Answer<O>> {
  return (await tagged(operation, ...args)).value;
}

/** Asks, and gives what the answer says with its version, to be given back as `ifMatch`. */
export async function tagged<O extends Operation>(
  operation: O,
  ...args: Arguments<O>
): Promise<{ value: Answer<O>; tag: string | undefined }> {
  const answer = await ask(operation, ...args);
  const isJson = answer.headers.get('Content-Type')?.includes('json') ?? false;
  const value = (isJson ? await answer.json().catch(cut(args[0])) : undefined) as Answer<O>;
  return { value, tag: answer.headers.get('ETag')?.replace(/^W\/|"/g, '') };
}

/** A page of a list holds so many: few enough to be read between two frames. */
const PAGE = 1_000;

type ListOperation = {
  [O in Operation]: Operations[O] extends { query: { after?: unknown; limit?: unknown }; answer: { items: unknown[] } }
    ? O
    : never;
}[Operation];
type Item<O extends Operation> = Answer<O> extends { items: (infer T)[] } ? T : never;

/** All items of a list, a page at a time. */
export async function* pages<O extends ListOperation>(
  operation: O,
  query: Record<string, unknown> = {},
  signal?: AbortSignal,
): AsyncGenerator<Item<O>[]> {
  for (let after: unknown; ;) {
    const request = { query: { limit: PAGE, ...query, after }, ...(signal && { signal }) };
    const page = (await call(operation, request as never)) as { items: Item<O>[]; next: unknown };
    yield page.items;
    if (page.next === null) return;
    after = page.next;
  }
}

/** A key that nobody else has, for a request that may be sent again. Not `randomUUID`, which browsers keep from pages that came without TLS. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
