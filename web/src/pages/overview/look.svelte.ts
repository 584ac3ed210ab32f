// What the overview looks at beside what the feed tells: places with their worst state, and nodes.
import { call } from '../../api/call';
import { problemOf, type Problem } from '../../api/problem';
import type { EnrolmentState, Node } from '../../api/types';
import { alarms } from '../../state/alarms.svelte';
import { journal } from '../../state/journal.svelte';
import { nodes } from '../../state/nodes.svelte';
import { paced } from '../../state/paced';
import { places } from '../../state/places.svelte';

/** The states of places follow from alarms, and are asked for so often at most. */
const PLACES_EVERY_MS = 1_000;
/** Nodes that wait are asked for when the journal tells of one, and this often: what they read is not journalled. */
const WAITING_EVERY_MS = 10_000;

const byName = (a: Node, b: Node) => (a.name ?? a.node).localeCompare(b.name ?? b.node, undefined, { numeric: true });

type Question = 'places' | 'nodes' | 'waiting';

export class Look {
  /** What was asked for last in vain; an answer to one question says nothing of another. */
  #problems: Partial<Record<Question, Problem>> = $state.raw({});
  readonly problem: Problem | undefined = $derived(
    this.#problems.places ?? this.#problems.nodes ?? this.#problems.waiting,
  );
  waiting: EnrolmentState['waiting'] = $state.raw([]);
  /** Those that have not spoken for too long, the silent ones first. */
  readonly missed: Node[] = $derived(
    nodes
      .values()
      .filter((node) => node.supervision !== 'good')
      .sort((a, b) => Number(b.supervision === 'lost') - Number(a.supervision === 'lost') || byName(a, b)),
  );
  readonly silent: number = $derived(this.missed.filter((node) => node.supervision === 'lost').length);
  readonly late: number = $derived(this.missed.length - this.silent);

  readonly #lookAtPlaces = paced(PLACES_EVERY_MS, () => void this.#ask('places', places.load()));
  readonly #lookAtWaiting = paced(PLACES_EVERY_MS, () => {
    const asked = call('GET /api/v1/enrolment').then(({ waiting }) => {
      this.waiting = waiting;
    });
    void this.#ask('waiting', asked);
  });

  /** Looks for as long as a component is there: to be called while it is made. */
  constructor() {
    $effect(() => {
      void alarms.all;
      this.#lookAtPlaces();
    });
    const enrolled = $derived(journal.newest.find((entry) => entry.kind.startsWith('node.'))?.seq);
    $effect(() => {
      void enrolled;
      this.#lookAtWaiting();
    });
    $effect(() => {
      void this.#ask('nodes', nodes.load());
      const timer = setInterval(() => {
        if (!document.hidden) this.again();
      }, WAITING_EVERY_MS);
      return () => {
        clearInterval(timer);
        this.#lookAtPlaces.end();
        this.#lookAtWaiting.end();
      };
    });
  }

  /** Asks for all of it once more. */
  again(): void {
    this.#lookAtPlaces();
    this.#lookAtWaiting();
    if (this.#problems.nodes) void this.#ask('nodes', nodes.load());
  }

  async #ask(question: Question, asked: Promise<unknown>): Promise<void> {
    try {
      await asked;
      const { [question]: _, ...others } = this.#problems;
      this.#problems = others;
    } catch (thrown) {
      this.#problems = { ...this.#problems, [question]: problemOf(thrown) };
    }
  }
}
