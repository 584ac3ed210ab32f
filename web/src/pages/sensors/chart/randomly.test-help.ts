/** Tries something with many numbers that look random and are the same each time. */
export function randomly(attempt: (next: (below: number) => number) => void): void {
  let state = 12_345;
  const next = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  for (let times = 0; times < 200; times += 1) attempt(next);
}
