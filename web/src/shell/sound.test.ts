import { beforeEach, expect, test, vi } from 'vitest';

/** What the browser would play. */
class Source {
  buffer: { length: number } | null = null;
  loop = false;
  isOn = false;
  connect = () => {};
  disconnect = () => {};
  start = () => (this.isOn = true);
  stop = () => (this.isOn = false);
}

class Context extends EventTarget {
  static last: Context;
  state = 'running';
  currentTime = 0;
  destination = {};
  sources: Source[] = [];

  constructor() {
    super();
    Context.last = this;
  }

  createBuffer = (_: number, length: number) => ({ length, copyToChannel: () => {} });
  createBufferSource(): Source {
    const source = new Source();
    this.sources.push(source);
    return source;
  }
  resume(): Promise<void> {
    this.become('running');
    return Promise.resolve();
  }
  become(state: string): void {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
  get on(): Source[] {
    return this.sources.filter((source) => source.isOn);
  }
}

/** Locks as browsers have them, for all pages together. */
class Locks {
  #waiting: { begin: () => Promise<void>; signal: AbortSignal }[] = [];
  #isHeld = false;

  request(_: string, { signal }: { signal: AbortSignal }, begin: () => Promise<void>): Promise<void> {
    this.#waiting.push({ begin, signal });
    return this.#next();
  }

  async #next(): Promise<void> {
    const next = this.#isHeld ? undefined : this.#waiting.shift();
    if (!next) return;
    if (!next.signal.aborted) {
      this.#isHeld = true;
      await next.begin();
      this.#isHeld = false;
    }
    await this.#next();
  }
}

/** A page of its own. */
async function page() {
  vi.resetModules();
  const made = await import('./sound');
  const { away, sound, whenAllowed } = made;
  const stop = whenAllowed(() => {});
  return { away, sound, stop, allow: made.allow, context: Context.last };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  vi.stubGlobal('AudioContext', Context);
  Object.defineProperty(navigator, 'locks', { value: new Locks(), configurable: true });
  delete document.body.dataset.sounding;
});

test('A signal is repeated without an end until it is silenced.', async () => {
  const { sound, context } = await page();
  sound('alarm');
  await settled();
  expect(context.on.map((source) => source.loop)).toEqual([true]);
  expect(document.body.dataset.sounding).toBe('alarm');
  sound(undefined);
  expect(context.on).toEqual([]);
  expect(document.body.dataset.sounding).toBeUndefined();
});

test('A worse signal takes the place of the one that sounds, at once.', async () => {
  const { sound, context } = await page();
  sound('trouble');
  await settled();
  sound('alarm');
  expect(context.on.length).toBe(1);
  expect(document.body.dataset.sounding).toBe('alarm');
});

test('One more alarm is heard at once in a pause, and does not cut a tone.', async () => {
  const { sound, context } = await page();
  sound('trouble', 1);
  await settled();
  context.currentTime = 0.1;
  sound('trouble', 2);
  expect(context.sources.length).toBe(1);
  context.currentTime = 10;
  sound('trouble', 2);
  expect(context.sources.length).toBe(1);
  sound('trouble', 3);
  expect(context.sources.length).toBe(2);
  expect(context.on.length).toBe(1);
});

test('What the browser forbids is heard as soon as it allows it.', async () => {
  const { sound, allow, context } = await page();
  context.become('suspended');
  sound('alarm');
  await settled();
  expect(context.on).toEqual([]);
  expect(document.body.dataset.sounding).toBeUndefined();
  await allow();
  await settled();
  expect(context.on.length).toBe(1);
});

test('Of several pages one sounds, and when that goes away, another does.', async () => {
  const first = await page();
  const second = await page();
  first.sound('alarm');
  second.sound('alarm');
  await settled();
  expect([first.context.on.length, second.context.on.length]).toEqual([1, 0]);
  first.away(true);
  await settled();
  expect([first.context.on.length, second.context.on.length]).toEqual([0, 1]);
  first.away(false);
  await settled();
  expect([first.context.on.length, second.context.on.length]).toEqual([0, 1]);
});

test('A page that the browser keeps silent leaves the turn to one that is heard.', async () => {
  const first = await page();
  const second = await page();
  first.context.become('suspended');
  first.sound('alarm');
  second.sound('alarm');
  await settled();
  expect([first.context.on.length, second.context.on.length]).toEqual([0, 1]);
});

test('What is silenced while it waits for its turn stays silent.', async () => {
  const first = await page();
  const second = await page();
  first.sound('alarm');
  second.sound('alarm');
  await settled();
  second.sound(undefined);
  first.sound(undefined);
  await settled();
  expect([first.context.on.length, second.context.on.length]).toEqual([0, 0]);
  second.sound('trouble');
  await settled();
  expect(second.context.on.length).toBe(1);
});

test('Without locks, each page sounds for itself.', async () => {
  Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true });
  const { sound, context } = await page();
  sound('alarm');
  expect(context.on.length).toBe(1);
});

test('Where the browser forbids locks, each page sounds for itself.', async () => {
  const locks = { request: () => Promise.reject(new DOMException('not here', 'SecurityError')) };
  Object.defineProperty(navigator, 'locks', { value: locks, configurable: true });
  const { sound, context } = await page();
  sound('alarm');
  await settled();
  expect(context.on.length).toBe(1);
});
