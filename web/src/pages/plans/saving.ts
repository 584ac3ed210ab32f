// A plan is saved with the places that its outlines need: these first, since an outline of a place that is not there is refused.
import { call } from '../../api/call';
import { Problem, problemOf } from '../../api/problem';
import { words } from '../../words';
import { bodyOf, neededPlaces, type Draft, type NewPlace } from './draft';

export interface Saving {
  name: string;
  /** The version that the draft was made from. */
  version: number;
  draft: Draft;
  /** The places that were made already, by a try that went no further; those of this try are added. */
  made: Set<NewPlace>;
}

/** Saves, and tells the plan's new version. What was made stays made when the rest fails: another try does the rest. */
export async function save({ name, version, draft, made }: Saving): Promise<number> {
  for (const place of neededPlaces(draft)) {
    if (!made.has(place)) await make(place);
    made.add(place);
  }
  return (await call('PUT /api/v1/plans/{name}', { path: { name }, ifMatch: version, body: bodyOf(draft) })).version;
}

async function make({ key, ...place }: NewPlace): Promise<void> {
  try {
    await call('POST /api/v1/zones', { body: place, key });
  } catch (thrown) {
    const { status, message } = problemOf(thrown);
    throw new Problem(status, words.plans.placeRefused(place.title ?? place.name, message));
  }
}
