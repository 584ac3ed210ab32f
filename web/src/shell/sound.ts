// The sounds of alarms, made by the browser itself. They repeat until somebody has acknowledged or silenced.
import type { Class } from '../api/types';

/** Tones of a signal: pitch in Hz and length in ms, and how long until it is repeated. */
const SIGNALS: Record<Class, { tones: [number, number][]; everyMs: number }> = {
  // Three half-second tones and a pause: the evacuation signal of ISO 8201.
  alarm: { tones: [[880, 500], [0, 500], [880, 500], [0, 500], [880, 500]], everyMs: 4_000 }, // prettier-ignore
  supervisory: { tones: [[660, 200], [0, 100], [660, 200]], everyMs: 8_000 }, // prettier-ignore
  trouble: { tones: [[440, 200]], everyMs: 15_000 },
};
/** Loud enough to be heard across a room with the machine's own volume in the middle. */
const GAIN = 0.4;
/** Tones begin and end softly, or they would click. */
const RAMP_S = 0.01;

let context: AudioContext | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let sounding: Class | undefined;

/** Whether the browser lets this page be heard; most want somebody to have touched it first. */
export function isAllowed(): boolean {
  context ??= new AudioContext();
  return context.state === 'running';
}

/** To be called when somebody has pressed something. */
export async function allow(): Promise<boolean> {
  context ??= new AudioContext();
  await context.resume();
  return isAllowed();
}

/** Sounds this signal over and over; undefined: be silent. */
export function sound(of: Class | undefined): void {
  if (of === sounding) return;
  sounding = of;
  clearTimeout(timer);
  if (of) again(of);
}

function again(of: Class): void {
  if (sounding !== of) return;
  const { tones, everyMs } = SIGNALS[of];
  if (isAllowed()) play(tones);
  timer = setTimeout(() => again(of), everyMs);
}

function play(tones: [number, number][]): void {
  if (!context) return;
  let at = context.currentTime;
  for (const [pitch, ms] of tones) {
    const end = at + ms / 1_000;
    if (pitch > 0) {
      const [tone, gain] = [context.createOscillator(), context.createGain()];
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(GAIN, at + RAMP_S);
      gain.gain.setValueAtTime(GAIN, end - RAMP_S);
      gain.gain.linearRampToValueAtTime(0, end);
      tone.connect(gain).connect(context.destination);
      tone.start(at);
      tone.stop(end);
    }
    at = end;
  }
}
