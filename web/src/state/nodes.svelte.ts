// The nodes that pages have asked for.
import { pages } from '../api/call';
import type { Node } from '../api/types';

class Nodes {
  version = $state(0);
  complete = $state(false);
  readonly #all = new Map<string, Node>();
  #loading: Promise<void> | undefined;

  get(key: string): Node | undefined {
    void this.version;
    return this.#all.get(key);
  }

  get size(): number {
    void this.version;
    return this.#all.size;
  }

  values(): Node[] {
    void this.version;
    return [...this.#all.values()];
  }

  /** Loads all of them, once; the feed keeps them up to date. */
  load(): Promise<void> {
    this.#loading ??= this.#loadAll().catch((thrown: unknown) => {
      this.#loading = undefined;
      throw thrown;
    });
    return this.#loading;
  }

  reload(): Promise<void> {
    this.#loading = undefined;
    return this.load();
  }

  change(changed: Node[]): void {
    if (changed.length === 0) return;
    for (const node of changed) this.#all.set(node.node, node);
    this.version += 1;
  }

  async #loadAll(): Promise<void> {
    const seen = new Set<string>();
    for await (const page of pages('GET /api/v1/nodes')) {
      for (const node of page) seen.add(node.node);
      this.change(page);
    }
    // Those that are gone.
    for (const key of this.#all.keys()) if (!seen.has(key)) this.#all.delete(key);
    this.version += 1;
    this.complete = true;
  }
}

export const nodes = new Nodes();
