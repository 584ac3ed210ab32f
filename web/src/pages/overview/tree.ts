// Places within places, and how much is wrong in each.
import type { Place } from '../../api/types';

export interface Branch {
  place: Place;
  within: Branch[];
}

/** The outermost places, with what is in each. Who sees a part of the building alone has its outermost places at the top. The order
 * stays as it is told: what moves about is hard to find. */
export function treeOf(places: Place[]): Branch[] {
  const branches = new Map(
    places.filter((place) => place.kind !== 'site').map((place) => [place.name, { place, within: [] as Branch[] }]),
  );
  const top: Branch[] = [];
  for (const branch of branches.values()) {
    const parent = branch.place.within === null ? undefined : branches.get(branch.place.within);
    if (parent) parent.within.push(branch);
    else top.push(branch);
  }
  return top;
}

/** All that is in a branch, but for what is directly in it, one after the other. */
export function deeper(branch: Branch): Branch[] {
  return branch.within.flatMap((inner) => [inner, ...deeper(inner)]);
}
