// A real Chromium, and whoever sits before it.
import { chromium, type Browser as Chromium, type BrowserContext, type Page } from 'playwright-core';
import type { Client } from './client';
import { Faults } from './faults';
import { Outside } from './outside';
import { CHROMIUM } from './paths';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** What somebody waits for on a page is there within this, on a machine that does other things as well. */
const PATIENCE_MS = 10_000;

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

export interface Visit {
  /** Who is logged in already; nobody, if it is left out. */
  as?: Client;
  theme?: 'light' | 'dark';
  phone?: boolean;
  reducedMotion?: boolean;
}

/** Somebody's browser: a profile of its own, and what has gone wrong in it. */
export interface Visitor {
  page: Page;
  context: BrowserContext;
  faults: Faults;
}

export class Browser {
  readonly #chromium: Chromium;
  /** What would be beyond the server. */
  readonly outside: Outside;

  private constructor(chromium: Chromium, outside: Outside) {
    this.#chromium = chromium;
    this.outside = outside;
  }

  static async launch(...flags: string[]): Promise<Browser> {
    const outside = await Outside.begin();
    return new Browser(await chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...flags] }), outside);
  }

  /** Somebody opens the dashboard, at a place such as `#/alarms`. */
  async visit(url: string, place: string, visit: Visit = {}): Promise<Visitor> {
    const context = await this.#chromium.newContext({
      viewport: visit.phone ? PHONE : DESKTOP,
      hasTouch: visit.phone ?? false,
      colorScheme: visit.theme ?? 'light',
      reducedMotion: visit.reducedMotion ? 'reduce' : 'no-preference',
      acceptDownloads: true,
      proxy: { server: this.outside.address, bypass: '127.0.0.1' },
    });
    context.setDefaultTimeout(PATIENCE_MS);
    if (visit.as) await context.addCookies([{ ...visit.as.cookie, url }]);
    const faults = await Faults.watch(context, url);
    const page = await context.newPage();
    await page.goto(`${url}${place}`);
    return { page, context, faults };
  }

  async end(): Promise<void> {
    await this.#chromium.close();
    await this.outside.end();
  }
}
