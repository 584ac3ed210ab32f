// What differs between two texts, line by line.

export interface Line {
  /** `-`: it is gone, `+`: it is new. */
  sign: '-' | '+';
  /** Where it is, or was; counted from 1. */
  number: number;
  text: string;
}

/** Comparing every line of one text with every line of the other takes this much memory at most; what differs more is told as a whole. */
const CELLS_MAX = 1_000_000;

/** The lines that are gone and new, as they stand in the texts. */
export function difference(before: string, after: string): Line[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [gone, come] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const kept = gone.length * come.length > CELLS_MAX ? [] : common(gone, come);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  for (const [keptGone, keptCome] of [...kept, [gone.length, come.length] as const]) {
    for (; i < keptGone; i += 1) lines.push({ sign: '-', number: start + i + 1, text: gone[i] ?? '' });
    for (; j < keptCome; j += 1) lines.push({ sign: '+', number: start + j + 1, text: come[j] ?? '' });
    [i, j] = [keptGone + 1, keptCome + 1];
  }
  return lines;
}

/** The longest sequence of lines that both have, as pairs of where they are. */
function common(a: string[], b: string[]): [number, number][] {
  const width = b.length + 1;
  /** How long it is in what follows these lines. */
  const length = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => length[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      length[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let [i, j] = [0, 0]; i < a.length && j < b.length;) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return pairs;
}
