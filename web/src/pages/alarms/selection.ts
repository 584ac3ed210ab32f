// What is chosen in a list: one by one, a stretch at once, or all.

/** One more, or one less. */
export function toggled(chosen: ReadonlySet<number>, id: number): Set<number> {
  const next = new Set(chosen);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** As `toggled`, with all from the one that was pressed before to this one: they become as this one does. */
export function stretched(
  chosen: ReadonlySet<number>,
  ids: readonly number[],
  before: number | undefined,
  id: number,
): Set<number> {
  const [a, b] = [before === undefined ? -1 : ids.indexOf(before), ids.indexOf(id)];
  if (a < 0 || b < 0) return toggled(chosen, id);
  const next = new Set(chosen);
  const isAdded = !chosen.has(id);
  for (const one of ids.slice(Math.min(a, b), Math.max(a, b) + 1)) {
    if (isAdded) next.add(one);
    else next.delete(one);
  }
  return next;
}

/** Those of them that are still listed: nobody acts on what they do not see. */
export function remaining(chosen: ReadonlySet<number>, ids: readonly number[]): number[] {
  return ids.filter((id) => chosen.has(id));
}
