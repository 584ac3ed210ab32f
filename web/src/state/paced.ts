export interface Paced {
  (): void;
  /** Nothing more is done, also what is still wanted: whoever wanted it has gone. */
  end: () => void;
}

/** Does something at once, and again at most so often while it is wanted more often; the last wish is always done. A component ends it
 * when it goes: what it would read has gone with it. */
export function paced(everyMs: number, act: () => void): Paced {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWanted = false;
  let hasEnded = false;
  const again = () => {
    timer = undefined;
    if (isWanted) wish();
  };
  const wish = () => {
    isWanted = timer !== undefined;
    if (timer !== undefined || hasEnded) return;
    timer = setTimeout(again, everyMs);
    act();
  };
  const end = () => {
    hasEnded = true;
    clearTimeout(timer);
  };
  return Object.assign(wish, { end });
}
