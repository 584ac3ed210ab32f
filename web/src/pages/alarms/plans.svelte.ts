// Which floor plan shows a place.
import { call } from '../../api/call';
import type { Place, PlanItem } from '../../api/types';

class PlanList {
  all: PlanItem[] = $state.raw([]);
  #isAsked = false;

  /** Asks for the list, once: a link is a comfort, and without the list there is none. */
  want(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    call('GET /api/v1/plans').then(
      ({ items }) => (this.all = items),
      () => (this.#isAsked = false),
    );
  }
}

export const plans = new PlanList();

/** The plan of the innermost of these places that has one. */
export function planOf(all: PlanItem[], innermostFirst: Place[]): PlanItem | undefined {
  for (const { name } of innermostFirst) {
    const plan = all.find((one) => one.place === name);
    if (plan) return plan;
  }
  return undefined;
}
