// Whether what is shown is how things are.

/** The server tells its time every 2 s; after two of these were missed, what is shown is old. */
export const LOST_AFTER_MS = 4_300;
const LOOK_EVERY_MS = 200;

class Connection {
  /** Whether the server was heard lately. Then alarms are as they are shown. */
  live = $state(false);
  /** Whether readings and nodes are as well: there may be many, and after a loss it takes a moment until all have been told anew. */
  current = $state(false);
  /** When it was last heard, by this machine's clock, in milliseconds; 0: never. */
  heardAt = $state.raw(0);
  /** The server's time, in milliseconds since 1970, a second or so exact. */
  now = $state(Date.now());
  #aheadMs = 0;
  /** The same moment by a clock that nobody sets. */
  #heardTick = 0;

  constructor() {
    setInterval(() => this.#look(), LOOK_EVERY_MS);
    // The clocks of hidden pages stand nearly still.
    document.addEventListener('visibilitychange', () => this.#look());
  }

  /** The server has spoken, and has said what time it is. A page that was busy or asleep learns of it when it is long ago. */
  heard(time: string, at: number): void {
    const agoMs = Math.max(0, Date.now() - at);
    this.heardAt = at;
    this.#heardTick = performance.now() - agoMs;
    this.#aheadMs = Date.parse(time) - at;
    if (agoMs < LOST_AFTER_MS) this.live = true;
    else this.lose();
  }

  /** Nothing is known any more of how things are. */
  lose(): void {
    this.live = false;
    this.current = false;
  }

  #look(): void {
    const now = Date.now();
    // One clock can be set back, the other stands still while the machine sleeps.
    const silentMs = Math.max(now - this.heardAt, performance.now() - this.#heardTick);
    if (this.live && silentMs > LOST_AFTER_MS) this.lose();
    const told = Math.floor((now + this.#aheadMs) / 1_000) * 1_000;
    if (told !== this.now) this.now = told;
  }
}

export const connection = new Connection();
