// Where things are, and where they are kept.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../../..');

/** The program that is tried: it has to be built with the dashboard in it. */
export const POE = resolve(process.env.POE_BIN ?? `${ROOT}/target/debug/poe`);
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** What failed journeys leave behind: screenshots, and what the server said. */
export const KEPT = `${ROOT}/target/journeys`;
export const SCREENSHOTS = `${ROOT}/target/screenshots`;
export const SCREENSHOTS_OF_DOCS = `${ROOT}/docs/screenshots`;

/** A new folder that nobody else has. */
export function temporary(): string {
  return mkdtempSync(`${tmpdir()}/poe-journey-`);
}

/** The path of a file to keep, named after what it tells of. */
export function keptAs(title: string, ending: string): string {
  mkdirSync(KEPT, { recursive: true });
  return `${KEPT}/${title.replace(/[^\w.-]+/g, '-').slice(0, 100)}${ending}`;
}
