import { describe, expect, it } from 'vitest';
import type { Rule, RuleSetting, Status } from '../../../api/types';
import { randomly } from './randomly.test-help';
import { bandsOf, meanings, rulesFor, worse } from './rules';

const plain = { deadband: 0, on_delay_s: 0, off_delay_s: 0, latching: false, re_alarm_s: null, escalation_s: null };
const rule = (name: string, status: Status, from: number, to: number, kind: Rule['kind'] = 'SMOKE'): Rule => ({
  ...plain,
  rule: name,
  kind,
  class: status === 'critical' ? 'alarm' : 'supervisory',
  priority: 1,
  status,
  from,
  to,
  message: name,
  voting: { kind: 'single' },
});
const nothing: RuleSetting = {
  rule: '',
  scope_kind: 'everywhere',
  scope: null,
  kind: null,
  class: null,
  priority: null,
  at_least: null,
  at_most: null,
  deadband: null,
  on_delay_s: null,
  off_delay_s: null,
  latching: null,
  re_alarm_s: null,
  escalation_s: null,
  message: null,
  voting: null,
};
const items = [
  rule('warn', 'warning', 160, 255),
  rule('smoke', 'critical', 200, 255),
  rule('fire', 'critical', 0, 0, 'FIRE'),
];
const where = {
  sensor: { ip_id: '10.0.0.1_8', kind: 'SMOKE', node: '10.0.0.1' },
  places: ['site', 'main', 'room'],
} as const;
const here = { ...where, places: [...where.places] };

describe('the rules of a sensor', () => {
  it('are those of its kind, where nobody has refined them', () => {
    expect(rulesFor(here, { items, settings: [] }).map((one) => one.rule)).toEqual(['warn', 'smoke']);
  });

  it('are refined by the nearest setting, in whichever order they come', () => {
    const of = (scope_kind: string, scope: string | null, at_least: number) => ({
      ...nothing,
      rule: 'warn',
      scope_kind,
      scope,
      at_least,
    });
    const settings = [
      of('everywhere', null, 10),
      of('place', 'site', 20),
      of('place', 'main', 30),
      of('place', 'room', 40),
      of('node', '10.0.0.1', 50),
      of('sensor', '10.0.0.1_8', 60),
      of('place', 'elsewhere', 70),
      of('node', '10.0.0.2', 80),
      of('sensor', '10.0.0.1_9', 90),
    ];
    for (let count = 6; count > 0; count -= 1) {
      const some = [...settings.slice(0, count), ...settings.slice(6)];
      for (const order of [some, some.toReversed()]) {
        const [warn] = rulesFor(here, { items, settings: order });
        expect(warn).toMatchObject({ from: count * 10, to: 255 });
        expect(warn?.refinedBy?.at_least).toBe(count * 10);
      }
    }
    const [warn] = rulesFor(here, { items, settings: settings.slice(6) });
    expect(warn).toMatchObject({ from: 160, refinedBy: undefined });
  });

  it('keep what a setting does not speak of', () => {
    const settings = [{ ...nothing, rule: 'smoke', deadband: 5, latching: true }];
    expect(rulesFor(here, { items, settings })[1]).toMatchObject({ from: 200, to: 255, deadband: 5, latching: true });
  });

  it('mean what their class means, once a setting has changed it', () => {
    for (const [said, status, is] of [
      ['alarm', 'critical', 'alarm'],
      ['trouble', 'warning', 'trouble'],
      ['journal', 'normal', null],
    ] as const) {
      const settings = [{ ...nothing, rule: 'warn', class: said }];
      expect(rulesFor(here, { items, settings })[0]).toMatchObject({ status, class: is });
    }
  });

  it('can be more than the profile has', () => {
    const own = { ...nothing, rule: 'own', kind: 'SMOKE' as const, at_most: 5, scope_kind: 'node', scope: '10.0.0.1' };
    expect(rulesFor(here, { items, settings: [own] })[2]).toMatchObject({
      rule: 'own',
      from: 0,
      to: 5,
      status: 'warning',
    });
    expect(rulesFor(here, { items, settings: [{ ...own, kind: 'WATER' }] })).toHaveLength(2);
  });
});

describe('what values mean', () => {
  it('is the worst that the rules say', () => {
    const of = meanings('SMOKE', items.slice(0, 2));
    expect([of[0], of[159], of[160], of[199], of[200], of[255]]).toEqual([
      'normal',
      'normal',
      'warning',
      'warning',
      'critical',
      'critical',
    ]);
  });

  it('is nothing where no rule speaks, or a motion detector says more than one', () => {
    expect(new Set(meanings('WATER', []))).toEqual(new Set(['undefined']));
    const of = meanings('MOTION', [rule('motion', 'normal', 1, 1, 'MOTION')]);
    expect([of[0], of[1], of[2]]).toEqual(['normal', 'normal', 'undefined']);
  });

  it('gives bands that cover what is not normal, and nothing else, and do not touch their like', () => {
    randomly((next) => {
      const rules = Array.from({ length: 1 + next(5) }, () => {
        const from = next(256);
        return { from, to: from + next(256 - from), status: ['normal', 'warning', 'critical'][next(3)] as Status };
      });
      const naive = Array.from({ length: 256 }, (_, value) =>
        rules
          .filter(({ from, to }) => from <= value && value <= to)
          .map(({ status }) => status)
          .reduce(
            (worst, status) => (status === 'critical' || (status === 'warning' && worst === 'normal') ? status : worst),
            'normal' as Status,
          ),
      );
      const bands = bandsOf(meanings('SMOKE', rules));
      const over = Array.from({ length: 256 }, (_, value) =>
        bands.filter(({ from, to }) => from <= value && value <= to).map(({ status }) => status),
      );
      expect(over).toEqual(naive.map((status) => (status === 'normal' ? [] : [status])));
      bands.slice(1).forEach((band, index) => {
        const before = bands[index]!;
        expect(before.to < band.from - 1 || before.status !== band.status).toBe(true);
      });
    });
  });

  it('has an order', () => {
    expect(worse('normal', 'warning')).toBe('warning');
    expect(worse('critical', 'warning')).toBe('critical');
    expect(worse('undefined', 'normal')).toBe('normal');
  });
});
