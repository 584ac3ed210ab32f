// What is to be heard sounds like this: a pattern of tones and pauses for each class, as samples that are repeated without an end.
import type { Signal } from '../state/watch.svelte';

/** Pitch in Hz, 0 for none, and length in ms. */
type Tone = [pitch: number, ms: number];

const SIGNALS: Record<Signal, { tones: Tone[]; everyMs: number }> = {
  // Three half-second tones and a pause: the evacuation signal of ISO 8201.
  alarm: { tones: [[880, 500], [0, 500], [880, 500], [0, 500], [880, 500]], everyMs: 4_000 }, // prettier-ignore
  supervisory: { tones: [[660, 200], [0, 100], [660, 200]], everyMs: 8_000 }, // prettier-ignore
  trouble: { tones: [[440, 200]], everyMs: 15_000 },
  // It falls, as no other: nobody would be told of an alarm.
  unwatched: { tones: [[660, 250], [550, 250], [440, 500]], everyMs: 10_000 }, // prettier-ignore
};
/** Loud enough to be heard across a room with the machine's own volume in the middle. */
const LOUDNESS = 0.4;
/** Tones begin and end softly, or they would click. */
const RAMP_S = 0.01;
/** Every browser can play so many samples a second, and these tones need no more. */
export const RATE = 8_000;

/** The whole pattern, once, with the pause that ends it. */
export function samples(of: Signal): Float32Array<ArrayBuffer> {
  const { tones, everyMs } = SIGNALS[of];
  const pattern = new Float32Array((everyMs / 1_000) * RATE);
  let at = 0;
  for (const [pitch, ms] of tones) {
    const length = (ms / 1_000) * RATE;
    for (let i = 0; pitch > 0 && i < length; i += 1) {
      const ramp = Math.min(1, i / (RAMP_S * RATE), (length - i) / (RAMP_S * RATE));
      pattern[at + i] = LOUDNESS * ramp * Math.sin((2 * Math.PI * pitch * i) / RATE);
    }
    at += length;
  }
  return pattern;
}

/** Whether the tones are over and the pause lasts, so long after the pattern has begun for the first time. */
export function isPause(of: Signal, seconds: number): boolean {
  const { tones, everyMs } = SIGNALS[of];
  return (seconds * 1_000) % everyMs > tones.reduce((sum, [, ms]) => sum + ms, 0);
}
