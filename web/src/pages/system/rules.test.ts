import { expect, test } from 'vitest';
import type { Rule, RuleSetting } from '../../api/types';
import { bodyOf, differences, entriesOf, formOf, isSame, sentence, whereOf } from './rules';

const nothing: RuleSetting = {
  rule: 'smoke',
  scope_kind: 'everywhere',
  scope: null,
  kind: null,
  at_least: null,
  at_most: null,
  deadband: null,
  on_delay_s: null,
  off_delay_s: null,
  class: null,
  priority: null,
  latching: null,
  message: null,
  re_alarm_s: null,
  escalation_s: null,
  voting: null,
};

const roundTrip = (setting: RuleSetting) => bodyOf(formOf(setting.rule, setting));

test('a setting that is opened and saved unchanged stays what it is', () => {
  const { rule: _, scope_kind: __, scope: ___, ...unset } = nothing;
  expect(roundTrip(nothing)).toEqual(unset);
  const set = {
    kind: 'SMOKE',
    at_least: null,
    at_most: 0,
    deadband: 0,
    on_delay_s: 2.5,
    off_delay_s: 0,
    class: 'journal',
    priority: 3,
    latching: false,
    message: 'smoke in the kitchen',
    re_alarm_s: 'never',
    escalation_s: 120,
    voting: { kind: 'coincidence', group: 'node', count: 3, window_s: 20 },
  } satisfies Partial<RuleSetting>;
  expect(roundTrip({ ...nothing, ...set })).toEqual(set);
});

test('a limit is at one side only', () => {
  const form = formOf('smoke', { ...nothing, at_least: 210 });
  expect(bodyOf(form)).toMatchObject({ at_least: 210, at_most: null });
  expect(bodyOf({ ...form, side: 'at_most' })).toMatchObject({ at_least: null, at_most: 210 });
});

test('what is no number is refused at its field', () => {
  const form = formOf('smoke');
  expect(() => bodyOf({ ...form, onDelay: 'soon' })).toThrow(expect.objectContaining({ field: 'on_delay_s' }));
  expect(() => bodyOf({ ...form, onDelay: 'never' })).toThrow(expect.objectContaining({ field: 'on_delay_s' }));
  expect(bodyOf({ ...form, reAlarm: ' Never ' }).re_alarm_s).toBe('never');
});

test('rules come with what refines them, from everywhere to one sensor, and one’s own come last', () => {
  const smoke = { rule: 'smoke' } as Rule;
  const settings: RuleSetting[] = [
    { ...nothing, scope_kind: 'sensor', scope: '10.0.0.1_9' },
    { ...nothing, rule: 'freezer' },
    { ...nothing, scope_kind: 'place', scope: 'kitchen' },
    { ...nothing, scope_kind: 'place', scope: 'canteen' },
    nothing,
  ];
  const entries = entriesOf({ profile: 'building', version: 1, items: [smoke], settings, next: null });
  expect(entries.map(({ name, rule }) => [name, rule])).toEqual([
    ['smoke', smoke],
    ['freezer', undefined],
  ]);
  expect(entries[0]?.settings.map(({ scope }) => scope)).toEqual([null, 'canteen', 'kitchen', '10.0.0.1_9']);
});

test('a request says where, and nothing for everywhere', () => {
  expect(whereOf('everywhere', null)).toEqual({});
  expect(whereOf('node', '10.0.0.1')).toEqual({ node: '10.0.0.1' });
});

test('a rule is told in a sentence', () => {
  const smoke: Rule = {
    rule: 'smoke-warning',
    kind: 'SMOKE',
    class: 'supervisory',
    priority: 2,
    status: 'warning',
    from: 160,
    to: 255,
    deadband: 10,
    on_delay_s: 4,
    off_delay_s: 0,
    latching: false,
    re_alarm_s: null,
    escalation_s: null,
    message: 'smoke',
    voting: { kind: 'single' },
  };
  expect(sentence(smoke)).toBe('Smoke: 160 or more, until below 150, after 4 s, priority 2, “smoke”');
  expect(sentence({ ...smoke, kind: 'FIRE', from: 0, to: 0, deadband: 0, on_delay_s: 0, latching: true })).toBe(
    'Fire: 0, at once, latched, priority 2, “smoke”',
  );
});

test('of a setting is told what differs, also where that is nothing or 0', () => {
  expect(differences(nothing)).toEqual([]);
  expect(differences({ ...nothing, at_most: 0, latching: false, escalation_s: 'never' })).toEqual([
    '0 or less',
    'not latched',
    'never escalated',
  ]);
});

test('a setting is known by its rule and where it holds', () => {
  const kitchen = { ...nothing, scope_kind: 'place', scope: 'kitchen' };
  expect(isSame(kitchen, 'smoke', 'place', 'kitchen')).toBe(true);
  expect(isSame(kitchen, 'smoke', 'node', 'kitchen')).toBe(false);
  expect(isSame(kitchen, 'fire', 'place', 'kitchen')).toBe(false);
  expect(isSame(nothing, 'smoke', 'everywhere', null)).toBe(true);
});
