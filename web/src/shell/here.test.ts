import { beforeEach, expect, test } from 'vitest';
import type { Node, Place } from '../api/types';
import { nodes } from '../state/nodes.svelte';
import { places } from '../state/places.svelte';
import { placeOf } from './here';

const plans = [{ name: 'ground', place: 'first' }, { name: 'other', place: null }]; // prettier-ignore
const here = (path: string, query = '') => placeOf(path.split('/'), new URLSearchParams(query), plans);

beforeEach(() => {
  places.all = ['first', 'east'].map((name) => ({ name, kind: 'zone', within: null }) as Place);
  nodes.change([{ node: '10.0.0.7', place: 'east' } as Node]);
});

test('A page that is about something says where that is.', () => {
  expect(here('plans/ground')).toBe('first');
  expect(here('nodes/10.0.0.7')).toBe('east');
  expect(here('plans/ground', 'zone=east')).toBe('east');
  expect(here('alarms', 'source=east')).toBe('east');
});

test('A page that is about nothing, or about what is nowhere, says nothing.', () => {
  expect(here('overview')).toBeUndefined();
  expect(here('plans/other')).toBeUndefined();
  expect(here('nodes/10.0.0.8')).toBeUndefined();
  expect(here('alarms', 'source=attic')).toBeUndefined();
});
