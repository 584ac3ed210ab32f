// A page's end of the feed: what the server tells goes into the state that pages show.
import { call } from '../api/call';
import { alarms } from '../state/alarms.svelte';
import { connection } from '../state/connection.svelte';
import { journal } from '../state/journal.svelte';
import { nodes } from '../state/nodes.svelte';
import { paced } from '../state/paced';
import { places } from '../state/places.svelte';
import { sensors } from '../state/sensors.svelte';
import { service } from '../state/service.svelte';
import { session } from '../state/session.svelte';
import type { ToPage, ToWorker, Wanted } from './messages';
import { Missed } from './missed';
import { changesNames } from './names';
import { WORKER_SCRIPT } from './script';

/** Tells the worker that this page is there. It forgets pages after 200 s. */
const HERE_EVERY_MS = 30_000;
/** A feed that does not know who asks is asked again so soon, if somebody is in. */
const AGAIN_MS = 1_000;
/** Names and places are loaded anew this often at most, while somebody edits many of them. */
const NAMES_EVERY_MS = 4_000;

let send: ((message: ToWorker) => void) | undefined;
let isFollowing = false;
/** Changes were taken that the worker was not told of, since nobody sees this page. */
let owesTaken = false;
const wanted = new Set<Wanted>();
/** What the worker was told last that is wanted, as it was written. */
let asked = '[]';
/** Something else was asked for: what is told before the next snapshot is about what was asked before. */
let asksAnew = false;

function start(): (message: ToWorker) => void {
  // Where the browser knows trusted types, the address is an object, of which its types know nothing.
  const script = WORKER_SCRIPT as string;
  if ('SharedWorker' in window) {
    const { port } = new SharedWorker(script, { type: 'module', name: 'poe-feed' });
    port.onmessage = (message: MessageEvent<ToPage>) => hear(message.data);
    return (message) => port.postMessage(message);
  }
  const worker = new Worker(script, { type: 'module' });
  worker.onmessage = (message: MessageEvent<ToPage>) => hear(message.data);
  return (message) => worker.postMessage(message);
}

function here(): void {
  if (!isFollowing) return;
  const now = [...wanted].map(({ zone }) => ({ zone }));
  if (now.length > 0 && JSON.stringify(now) !== asked) {
    // Nobody has told of these readings while no page wanted them.
    asksAnew = true;
    connection.current = false;
  }
  asked = JSON.stringify(now);
  send?.({ say: 'here', base: document.baseURI, wanted: now });
}

let isDue = false;

/** The same, once the page that goes and the one that comes have both said what they want. */
function hereSoon(): void {
  if (isDue) return;
  isDue = true;
  queueMicrotask(() => {
    isDue = false;
    here();
  });
}

/** Follows the server from now on. Called when somebody has come in, and when the same person has come in again: what the pages know
 * stays, and is brought up to date. Whoever else comes in gets a page that knows nothing. */
export function follow(): void {
  isFollowing = true;
  if (send) {
    here();
    namesHaveChanged();
    return;
  }
  send = start();
  setInterval(here, HERE_EVERY_MS);
  window.addEventListener('pagehide', () => send?.({ say: 'bye' }));
  window.addEventListener('pageshow', (event) => event.persisted && here());
  window.addEventListener('online', () => send?.({ say: 'retry' }));
  document.addEventListener('visibilitychange', seen);
  here();
}

/** Follows no longer, since nobody may be in. What is shown is old from now on. */
export function rest(): void {
  isFollowing = false;
  send?.({ say: 'bye' });
  connection.lose();
}

/** Wants readings, of a place or of everywhere, until the function that is given back is called. */
export function wantReadings(zone: string | null = null): () => void {
  const one = { zone };
  wanted.add(one);
  hereSoon();
  return () => {
    wanted.delete(one);
    hereSoon();
  };
}

/** A page that was frozen may be forgotten, and one that was hidden has not been told of all changes. */
function seen(): void {
  if (document.hidden) return;
  here();
  if (!owesTaken) return;
  owesTaken = false;
  connection.current = false;
  send?.({ say: 'taken' });
  send?.({ say: 'behind' });
}

const namesHaveChanged = paced(NAMES_EVERY_MS, () => {
  const ignore = () => {};
  sensors.refresh().catch(ignore);
  nodes.refresh().catch(ignore);
  if (places.known) places.load().catch(ignore);
  // One of the buildings that somebody sees may have been renamed.
  if (session.current?.buildings.length) void session.begin();
});

/** What was told while nobody here listened is of the past: it changes nothing of how things stand. */
const missed = new Missed(
  async (question) => (await call('GET /api/v1/events', { query: question })).items,
  (events) => {
    journal.add(...events);
    if (events.some(changesNames)) namesHaveChanged();
  },
);

function stand({ snapshot, since }: Extract<ToPage, { say: 'snapshot' }>): void {
  asksAnew = false;
  connection.current = false;
  alarms.replace(snapshot);
  service.stands(snapshot.suppressions);
  const from = Math.min(since ?? Infinity, journal.storedSeq ?? Infinity);
  journal.stands(snapshot.last_seq);
  if (Number.isFinite(from)) missed.after(from, snapshot.last_seq);
}

function heard({ time, at, flood }: Extract<ToPage, { say: 'heard' }>): void {
  // That is of no place: whoever sees some buildings alone is not told of it by an entry.
  alarms.flood = flood;
  const wasLost = !connection.live;
  connection.heard(time, at);
  // It may be the line that was there all the time, over which nothing is told anew.
  if (wasLost && connection.live) send?.({ say: 'behind' });
}

function hear(message: ToPage): void {
  if (!isFollowing) return;
  switch (message.say) {
    case 'heard':
      heard(message);
      break;
    case 'snapshot':
      stand(message);
      break;
    case 'current':
      if (!asksAnew) connection.current = true;
      break;
    case 'alarms':
      alarms.change(...message.alarms);
      break;
    case 'events':
      journal.add(...message.events);
      message.events.forEach((event) => {
        alarms.happened(event);
        service.happened(event);
      });
      if (message.events.some(changesNames)) namesHaveChanged();
      break;
    case 'changes':
      sensors.change(message.readings);
      nodes.change(message.nodes);
      if (document.hidden) owesTaken = true;
      else send?.({ say: 'taken' });
      break;
    case 'refused':
      rest();
      void askWhoIsIn();
  }
}

/** A page whose session has ended shows the login, and one whose session goes on is followed for again. */
async function askWhoIsIn(): Promise<void> {
  await session.begin();
  if (session.stage === 'in') setTimeout(follow, AGAIN_MS);
}
