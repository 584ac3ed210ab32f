/// <reference lib="webworker" />
// Follows the server for all pages of this browser, which may open six connections to it and no more. It also keeps the reading
// of thousands of messages off the pages' own threads. Where there are no shared workers, each page has one of its own.
import { Desk, type Door } from './desk';
import type { ToWorker } from './messages';

/** Changes are passed on this often: smooth for the eye, and a page has time for other things. */
const PASS_ON_EVERY_MS = 100;

const desk = new Desk();
setInterval(() => desk.passOn(), PASS_ON_EVERY_MS);

function door(port: Pick<MessagePort, 'postMessage'>): Door {
  return (message) => port.postMessage(message);
}

if ('onconnect' in self) {
  self.addEventListener('connect', (event) => {
    const [port] = (event as MessageEvent).ports;
    if (!port) return;
    const page = door(port);
    port.onmessage = (message: MessageEvent<ToWorker>) => desk.hear(page, message.data);
  });
} else {
  const only = self as unknown as DedicatedWorkerGlobalScope;
  const page = door(only);
  only.onmessage = (message: MessageEvent<ToWorker>) => desk.hear(page, message.data);
}
