// Whether somebody is at a list with a hand or the keyboard, so that it must stand still under them.

/** Whoever has not moved for so long is elsewhere, with the pointer left behind: the list settles by itself. */
export const STILL_MS = 10_000;
/** A finger that was lifted comes down again, and a tap is told when it is over. */
export const LIFTED_MS = 1_000;

/** What counts, with the moment at which it happened. */
export class Hand {
  isOver = false;
  isDown = false;
  hasFocus = false;
  #movedAt = -Infinity;
  #liftedAt = -Infinity;

  /** Anything that a hand or the keyboard does there. */
  moved(now: number): void {
    this.#movedAt = now;
  }

  touched(now: number): void {
    this.isDown = true;
    this.#movedAt = now;
  }

  lifted(now: number): void {
    this.isDown = false;
    this.#liftedAt = now;
  }

  /** For how much longer it is there, unless it moves; 0: it is not. */
  left(now: number): number {
    const isThere = this.isOver || this.isDown || this.hasFocus;
    const still = isThere ? this.#movedAt + STILL_MS : -Infinity;
    return Math.max(0, still - now, this.#liftedAt + LIFTED_MS - now);
  }
}

/** Watches over a list, as an attachment: tells when a hand comes, and when it has gone. */
export function watchHand(tell: (isThere: boolean) => void): (list: HTMLElement) => () => void {
  return (list) => {
    const hand = new Hand();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isThere = false;
    let isDue = false;
    let hasEnded = false;

    function look(): void {
      isDue = false;
      if (hasEnded) return;
      const leftMs = hand.left(performance.now());
      if (leftMs > 0 !== isThere) {
        isThere = leftMs > 0;
        tell(isThere);
      }
      clearTimeout(timer);
      timer = leftMs > 0 ? setTimeout(look, leftMs) : undefined;
    }

    /** The focus may leave while rows are being moved, which is no time to tell anybody. */
    function lookSoon(): void {
      if (!isDue) queueMicrotask(look);
      isDue = true;
    }

    const on = (name: string, happens: (event: Event) => void) => {
      const listener = (event: Event) => {
        happens(event);
        lookSoon();
      };
      list.addEventListener(name, listener, { passive: true });
      return () => list.removeEventListener(name, listener);
    };
    /** A finger is told of by its touches, for a pointer's word ends where the list begins to scroll. */
    const isFinger = (event: Event) => (event as PointerEvent).pointerType === 'touch';
    const move = () => hand.moved(performance.now());
    const over = (event: Event) => {
      if (isFinger(event)) return;
      hand.isOver = true;
      move();
    };
    /** The focus that a press leaves behind is nobody's place. */
    const focus = (event: Event) => {
      hand.hasFocus = (event.target as Element).matches(':focus-visible');
      if (hand.hasFocus) move();
    };
    const offs = [
      on('pointerenter', over),
      on('pointermove', over),
      on('pointerleave', () => (hand.isOver = false)),
      on('touchstart', () => hand.touched(performance.now())),
      on('touchmove', move),
      on('touchend', (event) => (event as TouchEvent).touches.length === 0 && hand.lifted(performance.now())),
      on('touchcancel', () => hand.lifted(performance.now())),
      on('focusin', focus),
      on('focusout', () => (hand.hasFocus = false)),
      ...['wheel', 'keydown', 'pointerdown'].map((name) => on(name, move)),
    ];
    return () => {
      offs.forEach((off) => off());
      clearTimeout(timer);
      hasEnded = true;
      if (isThere) tell(false);
    };
  };
}
