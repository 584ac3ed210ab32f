import { expect, test } from 'vitest';
import type { TargetGroup } from '../../api/types';
import { bodyOf, formOf } from './groups';

const night: TargetGroup = {
  name: 'night',
  level: 2,
  targets: ['desk'],
  classes: ['alarm'],
  places: ['floor-2'],
  hours: ['mon-fri 18:00-07:00', 'sat,sun 00:00-24:00'],
};

test('a group that is opened and saved unchanged stays what it is', () => {
  expect(bodyOf(formOf(night))).toEqual(night);
});

test('nothing chosen is all signals, everywhere, always', () => {
  const form = formOf({ ...night, classes: ['alarm', 'supervisory', 'trouble'], places: [], hours: [] });
  expect(form.classes).toEqual([]);
  expect(bodyOf({ ...form, hours: ' \n ' })).toMatchObject({ classes: null, places: null, hours: null });
});

test('a level that is no number is refused at its field', () => {
  expect(() => bodyOf({ ...formOf(night), level: 'first' })).toThrow(expect.objectContaining({ field: 'level' }));
});
