// Somebody who speaks to the server without a browser: to prepare what a journey needs, and to look at what came of it.
import { address, type Answer, type Operation, type Request } from '../../src/api/call';
import { PASSWORD } from './server';

type Arguments<O extends Operation> = object extends Request<O> ? [request?: Request<O>] : [request: Request<O>];

/** A debug build on a busy machine takes a while for some things, such as to miss a node. */
const PATIENCE_MS = 15_000;
/** What the server says of a name that it knows. */
const IS_THERE = /: 409 .*\balready\b/;

export class Client {
  readonly #base: () => string;
  #cookie = '';

  constructor(base: () => string) {
    this.#base = base;
  }

  /** The session, as a browser would keep it. */
  get cookie(): { name: string; value: string } {
    const [name = '', value = ''] = this.#cookie.split('=', 2);
    return { name, value };
  }

  async login(name: string): Promise<void> {
    await this.call('POST /api/v1/login', { body: { name, password: PASSWORD } });
  }

  async call<O extends Operation>(operation: O, ...args: Arguments<O>): Promise<Answer<O>> {
    const { body, contentType = 'application/json' } = (args[0] ?? {}) as { body?: unknown; contentType?: string };
    const isJson = contentType === 'application/json';
    const answer = await fetch(new URL(address(operation, ...args), this.#base()), {
      method: operation.slice(0, operation.indexOf(' ')),
      headers: { 'Content-Type': contentType, ...(this.#cookie && { Cookie: this.#cookie }) },
      ...(body !== undefined && { body: isJson ? JSON.stringify(body) : (body as BodyInit) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${text}`);
    const [cookie] = answer.headers.getSetCookie();
    if (cookie) this.#cookie = cookie.slice(0, cookie.indexOf(';'));
    return (answer.headers.get('Content-Type')?.includes('json') ? JSON.parse(text) : text) as Answer<O>;
  }

  /** Makes something. Whoever tells a journey once more finds what was made the first time, which is as good. */
  async make<O extends Operation>(operation: O, request: Request<O>): Promise<void> {
    try {
      await this.call(operation, ...([request] as unknown as Arguments<O>));
    } catch (thrown) {
      if (!IS_THERE.test(String(thrown))) throw thrown;
    }
  }

  /** Asks until the answer is as it should be; an answer that is an error is not. */
  async until<O extends Operation>(
    operation: O,
    request: Request<O>,
    isRight: (answer: Answer<O>) => boolean,
    withinMs = PATIENCE_MS,
  ): Promise<Answer<O>> {
    let last: unknown;
    for (const until = Date.now() + withinMs; Date.now() < until;) {
      try {
        const answer = await this.call(operation, ...([request] as unknown as Arguments<O>));
        if (isRight(answer)) return answer;
        last = JSON.stringify(answer);
      } catch (thrown) {
        last = thrown;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${operation} did not answer as it should; the last: ${last}`);
  }
}
