// A page's end of the feed: what the server tells goes into the state that pages show.
import { alarms } from '../state/alarms.svelte';
import { connection } from '../state/connection.svelte';
import { journal } from '../state/journal.svelte';
import { nodes } from '../state/nodes.svelte';
import { sensors } from '../state/sensors.svelte';
import { session } from '../state/session.svelte';
import type { ToPage, ToWorker, Wanted } from './messages';

/** Tells the worker that this page is there. It forgets pages after 200 s. */
const HERE_EVERY_MS = 30_000;

let send: ((message: ToWorker) => void) | undefined;
const wanted = new Set<Wanted>();

function start(): (message: ToWorker) => void {
  // Both addresses are written out, for the build looks for exactly that.
  if ('SharedWorker' in window) {
    const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'poe-feed' });
    worker.port.onmessage = (message: MessageEvent<ToPage>) => hear(message.data);
    return (message) => worker.port.postMessage(message);
  }
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = (message: MessageEvent<ToPage>) => hear(message.data);
  return (message) => worker.postMessage(message);
}

function here(): void {
  send?.({ say: 'here', base: document.baseURI, wanted: [...wanted].map(({ zone }) => ({ zone })) });
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

/** Follows the server from now on. Called when somebody has come in. */
export function follow(): void {
  if (send) {
    send({ say: 'again' });
    here();
    return;
  }
  send = start();
  here();
  setInterval(here, HERE_EVERY_MS);
  window.addEventListener('pagehide', () => send?.({ say: 'bye' }));
  window.addEventListener('pageshow', (event) => event.persisted && here());
  window.addEventListener('online', () => send?.({ say: 'again' }));
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

function hear(message: ToPage): void {
  if (message.say === 'refused') {
    session.end();
    return;
  }
  connection.heard(message.say === 'heard' ? message.time : null);
  switch (message.say) {
    case 'snapshot':
      alarms.replace(message.snapshot);
      journal.known(message.snapshot.last_seq);
      break;
    case 'alarm':
      alarms.change(message.alarm);
      break;
    case 'event':
      journal.add(message.event);
      break;
    case 'changes':
      sensors.change(message.readings);
      nodes.change(message.nodes);
  }
}
