// Fingers on a page, as Chromium gets them from a screen.
import type { Page } from 'playwright-core';

type At = readonly [x: number, y: number];

type Send = (type: 'touchStart' | 'touchMove' | 'touchEnd', at: At[]) => Promise<unknown>;

/** A movement has so many steps. */
const STEPS = 8;
/** What a finger does sooner after a movement, Chromium takes for a part of it: no tap comes of it. */
const LIFTED_MS = 400;

export class Fingers {
  readonly #send: Send;

  private constructor(send: Send) {
    this.#send = send;
  }

  static async of(page: Page): Promise<Fingers> {
    const browser = await page.context().newCDPSession(page);
    return new Fingers((type, at) =>
      browser.send('Input.dispatchTouchEvent', { type, touchPoints: at.map(([x, y], id) => ({ x, y, id })) }),
    );
  }

  async tap(at: At): Promise<void> {
    await this.#send('touchStart', [at]);
    await this.#send('touchEnd', []);
  }

  /** Each finger goes from one point to another, all of them at once. */
  async move(...ways: [from: At, to: At][]): Promise<void> {
    await this.#send(
      'touchStart',
      ways.map(([from]) => from),
    );
    for (let step = 1; step <= STEPS; step += 1) {
      const at = (from: number, to: number) => from + ((to - from) * step) / STEPS;
      await this.#send(
        'touchMove',
        ways.map(([from, to]) => [at(from[0], to[0]), at(from[1], to[1])] as const),
      );
    }
    await this.#send('touchEnd', []);
    await new Promise((resolve) => setTimeout(resolve, LIFTED_MS));
  }
}

/** What a box has in its middle. */
export function middleOf({ x, y, width, height }: { x: number; y: number; width: number; height: number }): At {
  return [x + width / 2, y + height / 2];
}
