// What must not happen on any page, whatever a journey is about.
import type { BrowserContext, Page } from 'playwright-core';

/** The browser writes a line about every refused request; those are judged by what was asked and answered. */
const OF_A_REQUEST = /^Failed to load resource/;
/** And one about sounds before somebody has touched the page, for which the dashboard then asks. */
const OF_SILENCE = /^The AudioContext was not allowed to start/;
/** Whether somebody is logged in, and whether anybody can be, is found out by asking. */
const OF_STRANGERS = ['401 for GET /api/v1/session', '404 for GET /api/v1/setup'];

export class Faults {
  readonly #origin: string;
  readonly #found: string[] = [];
  readonly #expected: RegExp[] = [];

  private constructor(url: string) {
    this.#origin = new URL(url).origin;
  }

  static async watch(context: BrowserContext, url: string): Promise<Faults> {
    const faults = new Faults(url);
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`content policy: ${event.violatedDirective} forbids ${event.blockedURI}`);
      });
    });
    context.on('page', (page) => faults.#watch(page));
    return faults;
  }

  /** All that went wrong, but for what was expected to. */
  get found(): string[] {
    return this.#found.filter((fault) => !this.#expected.some((pattern) => pattern.test(fault)));
  }

  /** This journey provokes it. */
  expect(...patterns: RegExp[]): void {
    this.#expected.push(...patterns);
  }

  #watch(page: Page): void {
    page.on('console', (message) => {
      const [type, text] = [message.type(), message.text()];
      if (!['error', 'warning'].includes(type)) return;
      if ([OF_A_REQUEST, OF_SILENCE].some((known) => known.test(text))) return;
      this.#found.push(`${type}: ${text}, on ${new URL(page.url()).hash || 'the first page'}`);
    });
    page.on('pageerror', (error) => this.#found.push(`exception: ${error.stack ?? error.message}`));
    page.on('dialog', (dialog) => {
      this.#found.push(`a dialog of the browser: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== this.#origin && protocol !== 'blob:') this.#found.push(`a request to elsewhere: ${request.url()}`);
    });
    page.on('response', (response) => {
      const answer = `${response.status()} for ${response.request().method()} ${new URL(response.url()).pathname}`;
      if (response.status() >= 400 && !OF_STRANGERS.includes(answer)) this.#found.push(answer);
    });
  }
}
