import { expect, test } from 'vitest';
import type { Place } from '../../api/types';
import { deeper, treeOf } from './tree';

const place = (name: string, kind: string, within: string | null) => ({ name, kind, within }) as Place;

test('Places are within each other, and the site is none of them.', () => {
  const tree = treeOf([
    place('campus', 'site', null),
    place('north', 'building', null),
    place('first', 'floor', 'north'),
    place('east', 'zone', 'first'),
    place('room', 'room', 'east'),
  ]);
  expect(tree.map((branch) => branch.place.name)).toEqual(['north']);
  expect(tree.flatMap(deeper).map((branch) => branch.place.name)).toEqual(['first', 'east', 'room']);
});

test('Who sees a floor alone has the floor at the top.', () => {
  const tree = treeOf([place('first', 'floor', 'north'), place('east', 'zone', 'first')]);
  expect(tree.map((branch) => branch.place.name)).toEqual(['first']);
});
