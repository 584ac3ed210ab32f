// What is in the chart: asked for once for each range, and kept up to date as long as it ends now.
import { problemOf, type Problem } from '../../../api/problem';
import type { Event, SensorKind } from '../../../api/types';
import { connection } from '../../../state/connection.svelte';
import { sensors } from '../../../state/sensors.svelte';
import { askEvents, askHistory } from './ask';
import { reading, withReading, type Series } from './points';
import { rangeOf, type Range, type View } from './range';

/** What the feed tells is what a chart needs, but not every reading; so the server is asked again from time to time. */
const ASK_AGAIN_MS = 60_000;
/** A chart that goes with the time moves by parts of its width, and so often at most. */
const MOVES = 1_000;
const MOVE_MIN_MS = 400;
const MOVE_MAX_MS = 10_000;

/** The server's time is told in whole seconds; what it has just said lies before the next one. */
export const nowOf = () => connection.now + 1_000;

export class History {
  series: Series[] = $state.raw([]);
  range: Range = $state.raw({ from: 0, to: 1 });
  /** Of the first sensor's alarms. */
  events: Event[] = $state.raw([]);
  isLoading = $state(false);
  /** How many points have come, where an answer takes several turns. */
  progress = $state(0);
  problem: Problem | undefined = $state.raw();
  /** Sensors that nobody knows. */
  unknown: string[] = $state.raw([]);
  #under: AbortController | undefined;
  #view: View | undefined;
  #keys: string[] = [];
  readonly #kinds = new Map<string, SensorKind>();
  #askedAt = 0;
  #movedAt = 0;

  /** Shows these sensors in this range. What was asked before, and has not been answered, is forgotten. */
  async show(keys: string[], view: View): Promise<void> {
    this.#keys = keys;
    this.#view = view;
    this.isLoading = true;
    this.progress = 0;
    await this.#ask();
  }

  again(): Promise<void> {
    return this.#view ? this.show(this.#keys, this.#view) : Promise.resolve();
  }

  stop(): void {
    this.#under?.abort();
  }

  /** Goes with the time, and takes in what the feed has told. Cheap if it is called often. */
  follow(): void {
    const { from, to } = this.range;
    const pause = Math.min(Math.max((to - from) / MOVES, MOVE_MIN_MS), MOVE_MAX_MS);
    // While the feed is lost nothing is known of what is now.
    if (this.#view?.is !== 'latest' || this.isLoading || this.problem || !connection.live) return;
    if (Date.now() - this.#movedAt < pause) return;
    this.#movedAt = Date.now();
    this.range = rangeOf(this.#view, nowOf());
    this.series = this.series.map((series) => this.#withLatest(series));
    if (Date.now() - this.#askedAt > Math.max(ASK_AGAIN_MS, (this.series[0]?.step ?? 0) / 2)) void this.#ask();
  }

  #withLatest(series: Series): Series {
    const latest = sensors.get(series.key);
    const first = this.range.from - series.step;
    const isGone = series.points[0] !== undefined && series.points[0].at < first;
    const kept = isGone ? series.points.filter((point) => point.at >= first) : series.points;
    const at = latest?.time ? Date.parse(latest.time) : 0;
    const before = this.#lastTold.get(series.key) ?? 0;
    if (latest?.value == null || at <= before) return isGone ? { ...series, points: kept } : series;
    this.#lastTold.set(series.key, at);
    return { ...series, points: withReading(kept, series.step, reading(at, latest.value, latest.status ?? undefined)) };
  }

  /** When the newest reading was that is in the series already. */
  readonly #lastTold = new Map<string, number>();

  async #ask(): Promise<void> {
    this.#under?.abort();
    const under = new AbortController();
    this.#under = under;
    const { signal } = under;
    const view = this.#view!;
    this.#askedAt = Date.now();
    try {
      const keys = await this.#known(this.#keys, signal);
      const range = rangeOf(view, nowOf());
      const [first] = keys;
      const [told, events] = await Promise.all([
        askHistory(keys, range, { signal, progress: (points) => !signal.aborted && (this.progress = points) }),
        first ? askEvents(first, range, signal) : [],
      ]);
      if (signal.aborted) return;
      this.range = range;
      this.events = events;
      this.series = keys.map((key) => {
        const points = told.points.get(key) ?? [];
        this.#lastTold.set(key, told.step > 0 ? range.to : (points.at(-1)?.at ?? 0));
        return { key, kind: this.#kinds.get(key)!, step: told.step, points };
      });
      this.problem = undefined;
      this.isLoading = false;
    } catch (thrown) {
      if (signal.aborted) return;
      this.problem = problemOf(thrown);
      this.isLoading = false;
    }
  }

  /** Those that the server knows; the first has to be. */
  async #known(keys: string[], signal: AbortSignal): Promise<string[]> {
    const strange: string[] = [];
    await Promise.all(
      keys.map(async (key, index) => {
        if (this.#kinds.has(key)) return;
        try {
          this.#kinds.set(key, (await sensors.one(key, signal)).kind);
        } catch (thrown) {
          if (index === 0 || problemOf(thrown).status !== 404) throw thrown;
          strange.push(key);
        }
      }),
    );
    this.unknown = strange;
    return keys.filter((key) => this.#kinds.has(key));
  }
}
