/** So long a page works before it looks whether somebody wants something of it. */
const BREATH_MS = 8;

/** Does a long work in pieces. What can be done before the first breath is done at once. `isStopped`: nobody wants it any more. */
export function inPieces<R>(work: Generator<void, R>, isStopped: () => boolean, done: (result: R) => void): void {
  const until = performance.now() + BREATH_MS;
  for (;;) {
    const step = work.next();
    if (step.done) return done(step.value);
    if (performance.now() >= until) break;
  }
  later(() => {
    if (!isStopped()) inPieces(work, isStopped, done);
  });
}

const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

/** After what waits already. Timers would wait for milliseconds more, and in hidden pages for a second. */
function later(act: () => void): void {
  waiting.push(act);
  channel.port2.postMessage(null);
}
