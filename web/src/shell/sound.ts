// The sound of alarms. The browser's own audio clock repeats it, so that neither a hidden page, whose timers nearly stand still, nor a
// busy one is ever late or silent. Of all pages of a browser one sounds: together they would make noise, and no signal.
import type { Signal } from '../state/watch.svelte';
import { isPause, RATE, samples } from './signals';

/** Whoever holds it sounds. */
const TURN = 'poe-sound';

let context: AudioContext | undefined;
let source: AudioBufferSourceNode | undefined;
let startedAt = 0;
/** What is to be heard, whether or not it can be. */
let wanted: Signal | undefined;
let playing: Signal | undefined;
/** Newer alarms have greater ones. */
let heardUpTo = 0;
let hasTurn = false;
/** Ends the turn, or the wait for it. */
let leave: (() => void) | undefined;
let isAway = false;

/** Calls back whenever the browser lets the page be heard, or no longer does, until the function that is given back is called. */
export function whenAllowed(tell: (allowed: boolean) => void): () => void {
  const audio = ready();
  const changed = () => {
    tell(isAllowed());
    settle();
  };
  audio.addEventListener('statechange', changed);
  changed();
  return () => audio.removeEventListener('statechange', changed);
}

/** To be called when somebody has pressed something: most browsers want that first. */
export async function allow(): Promise<void> {
  await ready().resume();
}

function isAllowed(): boolean {
  return ready().state === 'running';
}

/** Sounds this signal over and over; undefined: be silent. `newest` grows with each alarm: one more is heard at once, and not only
 * after the pause. */
export function sound(of: Signal | undefined, newest = 0): void {
  wanted = of;
  const isNew = newest > heardUpTo;
  heardUpTo = Math.max(heardUpTo, newest);
  settle();
  if (isNew && playing && isPause(playing, ready().currentTime - startedAt)) play(playing);
}

/** The page is put away, where browsers keep pages that one may come back to; or it is back. */
export function away(is: boolean): void {
  isAway = is;
  settle();
}

function ready(): AudioContext {
  context ??= new AudioContext();
  return context;
}

/** Does what all that is known adds up to. */
function settle(): void {
  const of = wanted === undefined || isAway || !isAllowed() ? undefined : wanted;
  if (of === undefined) {
    stop();
    leave?.();
  } else if (!hasTurn) takeTurn();
  else if (of !== playing) play(of);
}

function takeTurn(): void {
  if (leave) return;
  // Browsers have locks for pages that came by TLS or from this machine. Elsewhere each page sounds for itself.
  const locks = (navigator as Partial<Navigator>).locks;
  const end = new AbortController();
  const turn = new Promise<void>((resolve) => {
    leave = () => {
      leave = undefined;
      hasTurn = false;
      resolve();
      end.abort();
    };
  });
  const mine = leave;
  const begin = () => {
    // Somebody may have silenced it while it waited.
    if (leave !== mine) return;
    hasTurn = true;
    settle();
  };
  if (!locks) begin();
  else {
    locks
      .request(TURN, { signal: end.signal }, () => {
        begin();
        return turn;
      })
      .catch((thrown: unknown) => {
        // A wait that was ended is as it should be. Where the browser gives no turns, two that sound are better than none.
        if (!(thrown instanceof DOMException && thrown.name === 'AbortError')) begin();
      });
  }
}

function play(of: Signal): void {
  stop();
  const audio = ready();
  const pattern = samples(of);
  const buffer = audio.createBuffer(1, pattern.length, RATE);
  buffer.copyToChannel(pattern, 0);
  source = audio.createBufferSource();
  source.buffer = buffer;
  source.loop = true;
  source.connect(audio.destination);
  source.start();
  startedAt = audio.currentTime;
  playing = of;
  document.body.dataset.sounding = of;
}

function stop(): void {
  source?.stop();
  source?.disconnect();
  source = undefined;
  playing = undefined;
  delete document.body.dataset.sounding;
}
