// The sensors that pages have asked for, with their latest values.
import { call, pages } from '../api/call';
import type { Sensor } from '../api/types';
import type { Reading } from '../live/messages';

/** More than these are not loaded into a page: a browser would have to keep, sort and search them all. */
export const SENSORS_MAX = 50_000;

class Sensors {
  /** Changes with every change, at most four times a second; what reads it is computed anew. */
  version = $state(0);
  /** Whether all sensors are there, or as many as a page takes. */
  complete = $state(false);
  truncated = $state(false);
  readonly #all = new Map<string, Sensor>();
  #loading: Promise<void> | undefined;

  get(key: string): Sensor | undefined {
    void this.version;
    return this.#all.get(key);
  }

  get size(): number {
    void this.version;
    return this.#all.size;
  }

  values(): Sensor[] {
    void this.version;
    return [...this.#all.values()];
  }

  /** Loads all of them, once; the feed keeps them up to date for as long as somebody wants readings. */
  load(): Promise<void> {
    this.#loading ??= this.#loadAll().catch((thrown: unknown) => {
      this.#loading = undefined;
      throw thrown;
    });
    return this.#loading;
  }

  /** Loads all of them anew: names or places have changed. */
  reload(): Promise<void> {
    this.#loading = undefined;
    return this.load();
  }

  async one(key: string, signal?: AbortSignal): Promise<Sensor> {
    const request = { path: { ip_id: key } };
    const sensor = await call('GET /api/v1/sensors/{ip_id}', signal ? { ...request, signal } : request);
    this.#all.set(sensor.ip_id, sensor);
    this.version += 1;
    return sensor;
  }

  /** What the feed tells. Names and places stay what they were. A new sensor has none. */
  change(readings: Reading[]): void {
    if (readings.length === 0) return;
    for (const reading of readings) {
      const known = this.#all.get(reading.ip_id);
      if (!known && this.#all.size >= SENSORS_MAX) continue;
      this.#all.set(reading.ip_id, { name: null, place: null, ...known, ...reading });
    }
    this.version += 1;
  }

  async #loadAll(): Promise<void> {
    for await (const page of pages('GET /api/v1/sensors')) {
      for (const sensor of page) {
        // The feed may have told something newer while the page was on its way.
        const known = this.#all.get(sensor.ip_id);
        const isOld = known?.time && sensor.time && known.time > sensor.time;
        this.#all.set(sensor.ip_id, isOld ? { ...known, name: sensor.name, place: sensor.place } : sensor);
      }
      this.version += 1;
      if (this.#all.size >= SENSORS_MAX) {
        this.truncated = true;
        break;
      }
    }
    this.complete = true;
  }
}

export const sensors = new Sensors();
