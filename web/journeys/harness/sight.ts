// What somebody before a page sees and hears, and when: noted in the page itself, so that no messages to and fro are measured.
import type { BrowserContext, Page } from 'playwright-core';

interface Noted {
  /** Moments at which the loudspeaker was given more than silence, in milliseconds since 1970. */
  heardAt: number[];
  /** When something first flashed that was watched for it. */
  flashedAt: number | undefined;
}

declare global {
  interface Window {
    noted: Noted;
  }
}

/** Puts an ear beside the loudspeaker of all pages that this context loads from now on. */
export async function listen(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const LOOK_EVERY_MS = 10;
    const AUDIBLE = 0.02;
    window.noted = { heardAt: [], flashedAt: undefined };
    const connect = AudioNode.prototype.connect as (this: AudioNode, ...to: unknown[]) => unknown;
    let ear: AnalyserNode | undefined;
    const hear = (samples: Float32Array<ArrayBuffer>) => {
      ear?.getFloatTimeDomainData(samples);
      if (samples.some((sample) => Math.abs(sample) > AUDIBLE)) window.noted.heardAt.push(Date.now());
    };
    AudioNode.prototype.connect = function (this: AudioNode, ...to: unknown[]) {
      if (to[0] instanceof AudioDestinationNode) {
        if (!ear) {
          ear = this.context.createAnalyser();
          ear.fftSize = 1_024;
          const samples = new Float32Array(ear.fftSize);
          setInterval(() => hear(samples), LOOK_EVERY_MS);
        }
        connect.call(this, ear);
      }
      return connect.apply(this, to);
    } as typeof AudioNode.prototype.connect;
  });
}

/** Notes from now on when something flashes within what this selects: an animation runs on it, and a frame has been painted. */
export async function watchForFlash(page: Page, within: string): Promise<void> {
  await page.evaluate((selector) => {
    window.noted.flashedAt = undefined;
    const look = () => {
      const isFlashing = document.getAnimations().some((animation) => {
        const target = (animation.effect as KeyframeEffect | null)?.target;
        return animation.playState === 'running' && target?.closest(selector);
      });
      if (isFlashing) requestAnimationFrame(() => (window.noted.flashedAt = Date.now()));
      else requestAnimationFrame(look);
    };
    look();
  }, within);
}

/** How long after this moment something flashed, and was heard, as soon as both have happened. */
export async function seenAndHeard(page: Page, since: number): Promise<{ seenMs: number; heardMs: number }> {
  const noted = await page.waitForFunction((at) => {
    const heardAt = window.noted.heardAt.find((moment) => moment >= at);
    const { flashedAt } = window.noted;
    return heardAt !== undefined && flashedAt !== undefined && { heardAt, flashedAt };
  }, since);
  const { heardAt, flashedAt } = (await noted.jsonValue()) as { heardAt: number; flashedAt: number };
  return { seenMs: flashedAt - since, heardMs: heardAt - since };
}

/** Whether anything was heard since. */
export function wasHeard(page: Page, since: number): Promise<boolean> {
  return page.evaluate((at) => window.noted.heardAt.some((moment) => moment >= at), since);
}
