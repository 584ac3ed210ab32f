/// <reference lib="webworker" />
// Follows the server for all pages of this browser, which may open six connections to it and no more. It also keeps the reading
// of thousands of messages off the pages' own threads. Where there are no shared workers, each page has one of its own.
import { Feed, together } from './feed';
import type { ToPage, ToWorker, Wanted } from './messages';

/** A page that has said nothing for so long is gone. Browsers let the clocks of hidden pages tick once a minute. */
const GONE_MS = 200_000;

interface Page {
  wanted: Wanted[];
  seenAt: number;
}

type Door = Pick<MessagePort, 'postMessage'>;

const pages = new Map<Door, Page>();
let feed: Feed | undefined;

function tell(message: ToPage): void {
  for (const door of pages.keys()) door.postMessage(message);
}

function hear(door: Door, message: ToWorker): void {
  switch (message.say) {
    case 'here': {
      const isNew = !pages.has(door);
      pages.set(door, { wanted: message.wanted, seenAt: Date.now() });
      feed ??= new Feed(message.base, tell);
      const isFollowing = feed.isOpen;
      follow();
      // A page that comes later needs a snapshot as well, which does the others no harm.
      if (isNew && isFollowing) feed.open();
      break;
    }
    case 'bye':
      pages.delete(door);
      follow();
      break;
    case 'again':
      feed?.forget();
      follow();
  }
}

function follow(): void {
  for (const [door, page] of pages) if (Date.now() - page.seenAt > GONE_MS) pages.delete(door);
  if (pages.size === 0) feed?.close();
  else feed?.want(together([...pages.values()].flatMap((page) => page.wanted)));
}

if ('onconnect' in self) {
  self.addEventListener('connect', (event) => {
    const [port] = (event as MessageEvent).ports;
    if (!port) return;
    port.onmessage = (message: MessageEvent<ToWorker>) => hear(port, message.data);
  });
} else {
  const page = self as unknown as DedicatedWorkerGlobalScope;
  page.onmessage = (message: MessageEvent<ToWorker>) => hear(page, message.data);
}
