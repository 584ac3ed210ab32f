// A server as far as the feed sees it: what it was asked, and what it says then.
import { vi } from 'vitest';
import type { Alarm, Event, Node } from '../api/types';
import type { Reading, Snapshot } from './messages';

export class FakeServer {
  /** Every question, the newest last. */
  readonly asked: URL[] = [];
  /** What it answers with, while it does not want to tell; 0: it is away. */
  status = 200;
  readonly #open: ReadableStreamDefaultController<Uint8Array>[] = [];

  constructor() {
    vi.stubGlobal('fetch', (url: string, init: RequestInit) => this.#answer(new URL(url), init));
  }

  /** Lines that are open now. */
  get open(): number {
    return this.#open.length;
  }

  get last(): URL {
    return this.asked.at(-1)!;
  }

  async say(kind: string, data: unknown, id?: number): Promise<void> {
    const text = `${id === undefined ? '' : `id: ${id}\n`}event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
    for (const write of this.#open) write.enqueue(new TextEncoder().encode(text));
    await vi.advanceTimersByTimeAsync(0);
  }

  /** Ends all lines, as a server that stops. */
  async cut(): Promise<void> {
    for (const write of this.#open.splice(0)) write.close();
    await vi.advanceTimersByTimeAsync(0);
  }

  #answer(url: URL, { signal }: RequestInit): Promise<Response> {
    this.asked.push(url);
    if (this.status === 0) return Promise.reject(new TypeError('refused'));
    if (this.status !== 200) return Promise.resolve(new Response(null, { status: this.status }));
    const body = new ReadableStream<Uint8Array>({
      start: (write) => {
        this.#open.push(write);
        signal?.addEventListener('abort', () => {
          const at = this.#open.indexOf(write);
          if (at < 0) return;
          this.#open.splice(at, 1);
          write.error(new DOMException('aborted', 'AbortError'));
        });
      },
    });
    return Promise.resolve(new Response(body));
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
