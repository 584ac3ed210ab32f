// The sensors that pages have asked for, with their latest values.
import { call, pages } from '../api/call';
import type { Sensor } from '../api/types';
import type { Reading } from '../live/messages';
import { paced } from './paced';
import { Collection, MAX } from './collection.svelte';

/** A sensor that the feed tells of first has its name and place in the list, which is loaded this often at most. */
const NAMES_EVERY_MS = 5_000;

export class Sensors extends Collection<Sensor> {
  /** The place that is loaded; null: everywhere. */
  zone: string | null = $state(null);
  readonly #nameNewOnes = paced(NAMES_EVERY_MS, () => void this.refresh().catch(() => {}));

  /** Loads a place alone, where there are more sensors than a page takes; null: everywhere. */
  narrow(zone: string | null): Promise<void> {
    if (zone === this.zone) return this.load();
    this.clear();
    this.zone = zone;
    return this.load();
  }

  override clear(): void {
    super.clear();
    this.zone = null;
  }

  async one(key: string, signal?: AbortSignal): Promise<Sensor> {
    const request = { path: { ip_id: key } };
    const sensor = await call('GET /api/v1/sensors/{ip_id}', signal ? { ...request, signal } : request);
    const known = this.all.get(sensor.ip_id);
    this.put(sensor.ip_id, sensor, !known || !this.isSameName(known, sensor));
    return sensor;
  }

  /** Those of a node alone, for a page that shows no others. */
  async ofNode(node: string): Promise<void> {
    for await (const page of pages('GET /api/v1/sensors', { node })) {
      for (const sensor of page) this.put(sensor.ip_id, sensor, true);
    }
  }

  /** What the feed tells. Names and places stay what they were. A new sensor has none until the list is loaded again. */
  change(readings: Reading[]): void {
    let hasNewOnes = false;
    for (const reading of readings) {
      const known = this.all.get(reading.ip_id);
      if (!known && (this.all.size >= MAX || this.zone !== null)) continue;
      hasNewOnes ||= !known;
      this.put(reading.ip_id, withName(reading, known), !known || known.kind !== reading.kind);
    }
    if (hasNewOnes && this.isLoaded && this.complete) this.#nameNewOnes();
  }

  protected override pages(signal: AbortSignal): AsyncIterable<Sensor[]> {
    return pages('GET /api/v1/sensors', this.zone === null ? {} : { zone: this.zone }, signal);
  }

  protected override keyOf(sensor: Sensor): string {
    return sensor.ip_id;
  }

  protected override renamed(known: Sensor, { name, place }: Sensor): Sensor {
    return { ...known, name, place };
  }

  protected override isSameName(known: Sensor, other: Sensor): boolean {
    return known.name === other.name && known.place === other.place && known.kind === other.kind;
  }
}

/** Written out, since this is done thousands of times a second. */
function withName(reading: Reading, known: Sensor | undefined): Sensor {
  return {
    ip_id: reading.ip_id,
    node: reading.node,
    id: reading.id,
    name: known?.name ?? null,
    place: known?.place ?? null,
    kind: reading.kind,
    value: reading.value,
    unit: reading.unit,
    status: reading.status,
    legacy_status: reading.legacy_status,
    time: reading.time,
    quality: reading.quality,
  };
}

export const sensors = new Sensors();
