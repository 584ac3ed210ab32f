import { expect, it } from 'vitest';
import type { HoldingRule } from '../chart/rules';
import { conditionText, detailsOf } from './conditions';

it('a condition is told in words, with its unit', () => {
  expect(conditionText({ kind: 'FIRE', from: 0, to: 0 })).toBe('is Flame');
  expect(conditionText({ kind: 'TEMPERATURE', from: 110, to: 255 })).toBe('110 °F or more');
  expect(conditionText({ kind: 'HUMIDITY', from: 0, to: 20 })).toBe('20 % or less');
  expect(conditionText({ kind: 'SMOKE', from: 5, to: 9 })).toBe('5 to 9');
  expect(conditionText({ kind: 'SMOKE', from: 0, to: 255 })).toBe('any value');
});

it('of the details of a rule those are told that say something', () => {
  const rule: HoldingRule = {
    rule: 'smoke',
    kind: 'SMOKE',
    class: 'alarm',
    priority: 1,
    status: 'critical',
    from: 200,
    to: 255,
    deadband: 0,
    on_delay_s: 0,
    off_delay_s: 0,
    latching: false,
    re_alarm_s: null,
    escalation_s: null,
    message: '',
    voting: { kind: 'single' },
    refinedBy: undefined,
  };
  expect(detailsOf(rule)).toEqual([]);
  const more = { ...rule, deadband: 10, on_delay_s: 4, latching: true, escalation_s: 300 };
  expect(detailsOf(more)).toEqual(['after 4 s', 'ends 10 farther away', 'held until reset', 'next level after 5 min']);
});
