// Once, before all journeys: is everything there that they need?
import { existsSync, rmSync } from 'node:fs';
import { CHROMIUM, KEPT, POE } from './paths';

export default function before(): void {
  for (const [program, what] of [
    [POE, 'the server: build it with `cargo build`, or say where it is with POE_BIN'],
    [CHROMIUM, 'the browser: install Chromium, or say where it is with CHROMIUM'],
  ] as const) {
    if (!existsSync(program)) throw new Error(`${program} is missing, ${what}`);
  }
  rmSync(KEPT, { recursive: true, force: true });
}
