// The nodes that pages have asked for.
import { call, pages } from '../api/call';
import type { Node } from '../api/types';
import { Collection } from './collection.svelte';

export class Nodes extends Collection<Node> {
  async one(key: string, signal?: AbortSignal): Promise<Node> {
    const request = { path: { node: key } };
    const node = await call('GET /api/v1/nodes/{node}', signal ? { ...request, signal } : request);
    this.change([node]);
    return node;
  }

  /** What the feed tells. */
  change(changed: Node[]): void {
    for (const node of changed) {
      const known = this.all.get(node.node);
      this.put(node.node, node, !known || !this.isSameName(known, node));
    }
  }

  protected override pages(signal: AbortSignal): AsyncIterable<Node[]> {
    return pages('GET /api/v1/nodes', {}, signal);
  }

  protected override keyOf(node: Node): string {
    return node.node;
  }

  /** The feed tells of a node when somebody begins or ceases to hear it, and not of what is counted. */
  protected override renamed(known: Node, listed: Node): Node {
    const { supervision, connections, approved } = known;
    return { ...listed, supervision, connections, approved };
  }

  protected override isSameName(known: Node, other: Node): boolean {
    return known.name === other.name && known.place === other.place && known.approved === other.approved;
  }
}

export const nodes = new Nodes();
