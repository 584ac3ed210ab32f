// A server as far as the feed sees it: what it was asked, and what it says then.
import { vi } from 'vitest';
import type { Alarm, Event, Node } from '../api/types';
import type { Reading, Snapshot } from './messages';

export class FakeServer {
  /** Every question, the newest last. */
  readonly asked: URL[] = [];
  /** What it answers with, while it does not want to tell. */
  status = 200;
  /** Places that it does not know. */
  readonly unknown = new Set<string>();
  /** What lists hold, by the end of their address; every question to one is in `listed`. */
  readonly lists = new Map<string, unknown[]>();
  readonly listed: URL[] = [];
  readonly #open: { url: URL; write: ReadableStreamDefaultController<Uint8Array> }[] = [];

  constructor() {
    vi.stubGlobal('fetch', (url: URL, init: RequestInit) => this.#answer(url, init));
  }

  /** Lines that are open now. */
  get open(): number {
    return this.#open.length;
  }

  get last(): URL {
    return this.asked.at(-1)!;
  }

  /** Says something on each line, or on that of a zone. */
  async say(kind: string, data: unknown, id?: number, zone?: string): Promise<void> {
    const text = `${id === undefined ? '' : `id: ${id}\n`}event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
    for (const { url, write } of this.#open) {
      if (zone === undefined || url.searchParams.get('zone') === zone) write.enqueue(new TextEncoder().encode(text));
    }
    await vi.advanceTimersByTimeAsync(0);
  }

  /** Ends all lines, as a server that stops. */
  async cut(): Promise<void> {
    for (const { write } of this.#open.splice(0)) write.close();
    await vi.advanceTimersByTimeAsync(0);
  }

  #answer(url: URL, { signal }: RequestInit): Promise<Response> {
    if (!url.pathname.endsWith('/live')) return this.#list(url);
    this.asked.push(url);
    if (this.status === 0) return Promise.reject(new TypeError('refused'));
    if (this.status !== 200) return Promise.resolve(new Response(null, { status: this.status }));
    if (this.unknown.has(url.searchParams.get('zone') ?? ''))
      return Promise.resolve(new Response(null, { status: 422 }));
    const body = new ReadableStream<Uint8Array>({
      start: (write) => {
        const line = { url, write };
        this.#open.push(line);
        signal?.addEventListener('abort', () => {
          const at = this.#open.indexOf(line);
          if (at < 0) return;
          this.#open.splice(at, 1);
          write.error(new DOMException('aborted', 'AbortError'));
        });
      },
    });
    return Promise.resolve(new Response(body));
  }

  #list(url: URL): Promise<Response> {
    this.listed.push(url);
    if (this.status === 0) return Promise.reject(new TypeError('refused'));
    if (this.status !== 200) return Promise.resolve(new Response(null, { status: this.status }));
    const { searchParams: query } = url;
    const [after, last] = [query.get('after'), query.get('last')];
    let items = this.lists.get(url.pathname.split('/').at(-1)!) ?? [];
    if (after !== null)
      items = items.filter((one) => (one as Event).seq > Number(after)).slice(0, Number(query.get('limit')));
    if (last !== null) items = items.slice(-Number(last));
    return Promise.resolve(new Response(JSON.stringify({ items, next: null })));
  }
}

export const snapshot = (last_seq: number, alarms: Alarm[] = []): Snapshot => ({
  time: '2026-01-01T00:00:00.000Z',
  last_seq,
  suppressions: 0,
  flood: false,
  alarms,
});
export const alarm = (id: number, state: Alarm['state'] = 'unacknowledged') =>
  ({ id, state, suppressed: null, class: 'alarm' }) as Alarm;
export const event = (seq: number) => ({ seq, kind: 'node.late' }) as Event;
export const reading = (ip_id: string, value: number) => ({ ip_id, value }) as Reading;
export const node = (name: string, connections: number) => ({ node: name, connections }) as Node;
