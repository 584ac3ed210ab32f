import { describe, expect, it } from 'vitest';
import type { Alarm, Place } from '../../api/types';
import { chain, isShown, placeStates, stateOfAll, withinOf } from './zones';

const place = (name: string, within: string | null) => ({ name, within }) as Place;
const within = withinOf([
  place('house', null),
  place('ground', 'house'),
  place('hall', 'ground'),
  place('lab', 'ground'),
]);
const alarm = (more: Partial<Alarm>) =>
  ({ class: 'alarm', state: 'acknowledged', source_kind: 'sensor', place: 'hall', suppressed: null, ...more }) as Alarm;

describe('the state of places', () => {
  it('is the worst of what lies in them', () => {
    const states = placeStates(
      [alarm({ place: 'hall' }), alarm({ class: 'trouble', place: 'lab', state: 'unacknowledged' })],
      within,
    );
    expect(states.get('hall')).toEqual({ of: 'alarm', unacknowledged: false });
    expect(states.get('lab')).toEqual({ of: 'trouble', unacknowledged: true });
    expect(states.get('house')).toEqual({ of: 'alarm', unacknowledged: false });
  });

  it('asks for attention as long as one of the worst class does', () => {
    const states = placeStates([alarm({}), alarm({ state: 'latched_unacknowledged' })], within);
    expect(states.get('ground')?.unacknowledged).toBe(true);
  });

  it('knows an emergency, which is about a place itself', () => {
    const states = placeStates([alarm({ source_kind: 'place', source: 'lab', place: null })], within);
    expect(states.get('lab')?.of).toBe('alarm');
    expect(states.has('hall')).toBe(false);
  });

  it('is quiet where nothing is signalled', () => {
    expect(placeStates([], within).size).toBe(0);
    expect(stateOfAll([])).toBeUndefined();
  });

  it('does not go round in circles', () => {
    expect(chain('a', withinOf([place('a', 'b'), place('b', 'a')]))).toEqual(['a', 'b']);
  });

  it('is shown by the plan of a larger place, and by that of the site', () => {
    expect(isShown('hall', 'ground', within)).toBe(true);
    expect(isShown('house', 'ground', within)).toBe(false);
    expect(isShown(null, 'ground', within)).toBe(false);
    expect(isShown(null, null, within)).toBe(true);
  });
});
