// The table of nodes.
import type { Node, Supervision } from '../../api/types';
import { count } from '../../parts/numbers';
import type { Shape } from '../../parts/table/columns';
import type { PlaceBook } from '../../parts/table/places';
import { recent } from '../../parts/table/recent';
import { words } from '../../words';

/** The worse comes later, so that it is first when it is sorted downwards. */
const SUPERVISIONS: Supervision[] = ['good', 'late', 'lost'];

/** What a node is called. */
export function nodeTitle({ name, node }: Pick<Node, 'name' | 'node'>): string {
  return name ?? node;
}

export function nodeShape(book: PlaceBook, where: (name: string) => string): Shape<Node> {
  const { supervisions } = words.common;
  const w = words.nodes;
  const counted = (id: 'connections' | 'sensors' | 'frames' | 'invalid_frames', title: string, width: string) => ({
    id,
    title,
    width,
    text: (node: Node) => count(node[id]),
    by: (node: Node) => node[id],
    live: true,
    number: true,
    phone: id === 'invalid_frames' ? ('titled' as const) : ('none' as const),
  });
  return {
    key: (node) => node.node,
    words: (node) => `${node.name ?? ''} ${node.address} ${book.title(node.place)}`,
    columns: [
      { id: 'name', title: w.name, width: 'minmax(8rem, 1.6fr)', text: nodeTitle, phone: 'first' },
      { id: 'address', title: w.address, width: 'minmax(7.5rem, 1.2fr)', text: (n) => n.address, phone: 'second' },
      { id: 'place', title: w.place, width: 'minmax(6rem, 1.4fr)', text: (n) => book.title(n.place), phone: 'second' },
      {
        id: 'supervision',
        title: w.supervision,
        width: '6rem',
        text: (n) => supervisions[n.supervision],
        by: (n) => SUPERVISIONS.indexOf(n.supervision),
        live: true,
        phone: 'first',
      },
      counted('connections', w.connections, '7.8rem'),
      counted('sensors', w.sensors, '5.8rem'),
      counted('frames', w.frames, '6.5rem'),
      counted('invalid_frames', w.invalid, '6rem'),
      {
        id: 'last_seen',
        title: w.lastSeen,
        width: '7.8rem',
        text: (n) => (n.last_seen === null ? words.common.never : recent(n.last_seen)),
        by: (n) => n.last_seen ?? undefined,
        live: true,
        phone: 'none',
      },
      {
        id: 'approved',
        title: w.approved,
        width: '6rem',
        text: (n) => (n.approved ? w.yes : w.no),
        phone: 'none',
        isExtra: true,
      },
    ],
    facets: [
      {
        id: 'supervision',
        title: w.supervision,
        options: SUPERVISIONS.map((value) => ({ value, title: supervisions[value] })),
        has: (node, value) => node.supervision === value,
        live: true,
      },
      {
        id: 'approved',
        title: w.approved,
        options: [
          { value: 'yes', title: w.yes },
          { value: 'no', title: w.no },
        ],
        has: (node, value) => node.approved === (value === 'yes'),
      },
      book.facet<Node>(w.place, where),
    ],
  };
}
