import { describe, expect, it } from 'vitest';
import type { PlanPlacement } from '../../api/types';
import {
  bodyOf,
  movedCorner,
  neededPlaces,
  placed,
  splitEdge,
  unplaced,
  withoutCorner,
  withoutZone,
  withZone,
  zoneOf,
  type Draft,
  type NewPlace,
} from './draft';

const empty: Draft = { title: null, place: null, zones: [], placements: [], newPlaces: [] };
const sensor = { source_kind: 'sensor', source: '10.0.0.1_3' } as const;
const triangle = [
  { x: 0, y: 0 },
  { x: 1, y: 0 },
  { x: 1, y: 1 },
];

describe('a draft', () => {
  it('has a thing at one place only', () => {
    const once = placed(empty, sensor, { x: 0.1, y: 0.2 });
    const twice = placed(once, sensor, { x: 0.5, y: 2 });
    expect(twice.placements).toEqual([{ ...sensor, x: 0.5, y: 1 }]);
    expect(once.placements).toEqual([{ ...sensor, x: 0.1, y: 0.2 }]);
  });

  it('tells a node from a sensor of the same name', () => {
    const node: PlanPlacement = { source_kind: 'node', source: sensor.source, x: 0, y: 0 };
    const both = placed({ ...empty, placements: [node] }, sensor, { x: 1, y: 1 });
    expect(both.placements).toHaveLength(2);
    expect(unplaced(both, `node ${sensor.source}`).placements).toEqual([{ ...sensor, x: 1, y: 1 }]);
  });

  it('sends nothing with a placement but what the server knows', () => {
    const more = { ...sensor, title: 'more' };
    expect(Object.keys(placed(empty, more, { x: 0, y: 0 }).placements[0]!)).toEqual([
      'source_kind',
      'source',
      'x',
      'y',
    ]);
  });

  it('moves, adds and removes corners, and an outline keeps three', () => {
    const draft = withZone(empty, 'hall', triangle);
    expect(movedCorner(draft, 0, 1, { x: 0.5, y: -3 }).zones[0]!.corners[1]).toEqual({ x: 0.5, y: 0 });
    const split = splitEdge(draft, 0, 2);
    expect(split.zones[0]!.corners).toEqual([...triangle, { x: 0.5, y: 0.5 }]);
    expect(withoutCorner(split, 0, 3).zones).toEqual(draft.zones);
    expect(withoutCorner(draft, 0, 0).zones).toEqual(draft.zones);
  });

  it('names and removes the outline that is meant', () => {
    const draft = withZone(withZone(empty, 'hall', triangle), 'lab', triangle);
    expect(zoneOf(draft, 1, 'office').zones.map(({ place }) => place)).toEqual(['hall', 'office']);
    expect(withoutZone(draft, 0).zones.map(({ place }) => place)).toEqual(['lab']);
  });

  it('makes the places that its outlines need, each after the one that it lies in, and no others', () => {
    const place = (name: string, within: string | null = null): NewPlace => ({
      name,
      title: null,
      kind: 'room',
      within,
      key: name,
    });
    const [floor, hall, attic] = [place('floor'), place('hall', 'floor'), place('attic')];
    let draft = withZone(empty, 'attic', triangle, attic);
    draft = withoutZone(withZone(draft, 'floor', triangle, floor), 1);
    expect(neededPlaces(draft)).toEqual([attic]);
    draft = zoneOf(draft, 0, 'hall', hall);
    expect(neededPlaces(draft)).toEqual([floor, hall]);
    expect(neededPlaces(withZone(draft, 'kitchen', triangle))).toEqual([floor, hall]);
    expect(Object.keys(bodyOf(draft))).not.toContain('newPlaces');
  });

  it('needs a place once, and does not go round in circles', () => {
    const [a, b]: NewPlace[] = ['ab', 'ba'].map((way) => ({
      name: way[0]!,
      title: null,
      kind: 'room',
      within: way[1]!,
      key: way,
    }));
    const draft = withZone(withZone(withZone(empty, 'a', triangle, a), 'b', triangle, b), 'a', triangle);
    expect(neededPlaces(draft)).toHaveLength(2);
  });
});
