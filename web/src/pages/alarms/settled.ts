// Which alarms have stood where they stand for long enough that whoever presses one has seen it there.

/** Nobody sees and presses faster. */
export const SETTLE_MS = 400;
/** What moves so soon after a press does so because of it, as when an alarm is opened: whoever pressed looks at that. */
export const OWN_MS = 400;

export class Settled {
  #at = new Map<number, { place: number; since: number }>();
  #top: number | undefined;
  #pressedAt = -Infinity;

  /** Where the list begins on the page. Whatever comes above it, or goes, moves all that stands in it. */
  lie(top: number, now: number): void {
    const hasMoved = this.#top !== undefined && Math.abs(top - this.#top) >= 1;
    this.#top = top;
    if (hasMoved && now - this.#pressedAt >= OWN_MS) for (const one of this.#at.values()) one.since = now;
  }

  /** The alarms as they stand now, from the first. What nobody has seen elsewhere has not moved. */
  stand(ids: readonly number[], now: number): void {
    const isFirst = this.#at.size === 0;
    this.#at = new Map(
      ids.map((id, place) => {
        const before = this.#at.get(id);
        const isSame = before?.place === place;
        return [id, { place, since: isSame ? before.since : isFirst ? -Infinity : now }];
      }),
    );
  }

  /** Somebody has pressed what they saw. */
  press(now: number): void {
    this.#pressedAt = now;
  }

  /** Whether a press is meant for this one, and not for what stood there a moment ago. */
  has(id: number, now: number): boolean {
    return now - (this.#at.get(id)?.since ?? -Infinity) >= SETTLE_MS;
  }
}
