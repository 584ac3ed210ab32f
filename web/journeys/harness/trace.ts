// How busy a page's main thread is, as Chromium's own trace tells.
import type { CDPSession } from 'playwright-core';

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** In microseconds. */
  ts: number;
  dur?: number;
  args: { name?: string };
}

/** Everything that the threads of a page do during this time. */
export async function traced(cdp: CDPSession, forMs: number): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  const collect = ({ value }: { value: object[] }) => void events.push(...(value as TraceEvent[]));
  cdp.on('Tracing.dataCollected', collect);
  await cdp.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel'] },
  });
  await new Promise((resolve) => setTimeout(resolve, forMs));
  const complete = new Promise((resolve) => cdp.once('Tracing.tracingComplete', resolve));
  await cdp.send('Tracing.end');
  await complete;
  cdp.off('Tracing.dataCollected', collect);
  return events;
}

/** Which part of the time the page's main thread had a task to do, and how long the longest took. */
export function busy(events: TraceEvent[], forMs: number): { share: number; longestMs: number } {
  const main = events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const tasks = events.filter(({ name, ph }) => name === 'RunTask' && ph === 'X');
  // The browser's own pages have renderers, too: the one that works hardest is ours.
  const shares = main.map(({ pid, tid }) => {
    const durations = tasks.filter((task) => task.pid === pid && task.tid === tid).map(({ dur = 0 }) => dur / 1_000);
    const sum = durations.reduce((all, one) => all + one, 0);
    return { share: sum / forMs, longestMs: Math.max(0, ...durations) };
  });
  return shares.sort((a, b) => b.share - a.share)[0] ?? { share: NaN, longestMs: NaN };
}
