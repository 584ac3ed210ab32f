import { describe, expect, test } from 'vitest';
import type { Alarm } from '../../api/types';
import { byImportance } from '../../state/alarms.svelte';
import { offers } from './offers';
import { sample } from './sample';
import { stand, type Stand } from './standing';

const of =
  (...alarms: Alarm[]) =>
  (id: number) =>
    alarms.find((alarm) => alarm.id === id);
const told = ({ rows, news }: Stand) => ({
  rows: rows.map(({ alarm, leaves }) => `${alarm.id} ${alarm.state}${leaves ? ', leaves' : ''}`),
  news: news.map((alarm) => alarm.id),
});

const one = sample({ id: 1 });
const two = sample({ id: 2, class: 'trouble' });
const seen = sample({ id: 1, state: 'acknowledged' });
const fire = sample({ id: 3 });

describe('where nobody is, the list is as it is; under a hand', () => {
  test.each([
    ['nobody is there', undefined, [one, two], [one, two], ['1 unacknowledged', '2 unacknowledged'], []],
    ['nothing happens', [one, two], [one, two], [one, two], ['1 unacknowledged', '2 unacknowledged'], []],
    ['a new one waits above', [one], [fire, one], [fire, one], ['1 unacknowledged'], [3]],
    [
      'one that was acknowledged stays',
      [one, two],
      [two, seen],
      [seen, two],
      ['1 acknowledged', '2 unacknowledged'],
      [],
    ],
    [
      'one that asks again is news, too',
      [seen, two],
      [one, two],
      [one, two],
      ['1 unacknowledged', '2 unacknowledged'],
      [1],
    ],
    ['one that has ended says so', [one, two], [two], [two], ['1 normal, leaves', '2 unacknowledged'], []],
    ['one that the filter drops is as it is', [one], [], [seen], ['1 acknowledged, leaves'], []],
    ['new ones that have gone again are no news', [one], [one], [one], ['1 unacknowledged'], []],
  ])('%s', (_, kept, now, known, rows, news) => {
    expect(told(stand(kept, now, of(...known)))).toEqual({ rows, news });
  });

  test('nothing can be done about what has ended', () => {
    const shelved = sample({ suppressed: 'shelved' });
    const [row] = stand([shelved], [], of()).rows;
    expect(offers(row!.alarm, () => true)).toEqual([]);
  });
});

/** The same, told as what happens one after the other, by somebody who moves slips of paper. */
class Slips {
  alarms: Alarm[] = [];
  paper: { id: number; wasUnseen: boolean }[] | undefined;

  rows(): string[] {
    const list = [...this.alarms].sort(byImportance);
    if (!this.paper) return list.map((alarm) => `${alarm.id} ${alarm.state}`);
    return this.paper.map(({ id }) => {
      const there = list.find((alarm) => alarm.id === id);
      return there ? `${id} ${there.state}` : `${id} normal, leaves`;
    });
  }

  news(): number[] {
    if (!this.paper) return [];
    const isNews = (alarm: Alarm) => {
      const slip = this.paper?.find(({ id }) => id === alarm.id);
      return !slip || (alarm.state === 'unacknowledged' && !slip.wasUnseen);
    };
    return [...this.alarms]
      .sort(byImportance)
      .filter(isNews)
      .map(({ id }) => id);
  }

  hold(): void {
    const list = [...this.alarms].sort(byImportance);
    this.paper = list.map(({ id, state }) => ({ id, wasUnseen: state === 'unacknowledged' }));
  }
}

/** Numbers that look like chance and are the same each time. */
function dice(seed: number): (sides: number) => number {
  let at = seed;
  return (sides) => {
    at = (at * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((at / 2_147_483_648) * sides);
  };
}

test('whatever happens under a hand, no row moves, nothing is hidden, and the worst is told', () => {
  const CLASSES = ['alarm', 'supervisory', 'trouble'] as const;
  for (let seed = 1; seed <= 60; seed += 1) {
    const roll = dice(seed);
    const slips = new Slips();
    let kept: Alarm[] | undefined;
    let held: number[] | undefined;
    for (let step = 0; step < 80; step += 1) {
      const some = slips.alarms[roll(Math.max(1, slips.alarms.length))];
      const turn = roll(7);
      if (turn < 2) slips.alarms.push(sample({ id: 1_000 * seed + step, class: CLASSES[roll(3)]! }));
      else if (turn === 2 && some) slips.alarms = slips.alarms.filter((alarm) => alarm !== some);
      else if (turn < 5 && some) {
        const state = some.state === 'unacknowledged' ? 'acknowledged' : 'unacknowledged';
        slips.alarms = slips.alarms.map((alarm) => (alarm === some ? { ...alarm, state } : alarm));
      } else if (turn === 5) {
        slips.hold();
        kept = [...slips.alarms].sort(byImportance);
        held = kept.map(({ id }) => id);
      } else if (turn === 6 && roll(3) === 0) [slips.paper, kept, held] = [undefined, undefined, undefined];

      const now = [...slips.alarms].sort(byImportance);
      const standing = stand(kept, now, of(...now));
      expect(told(standing)).toEqual({ rows: slips.rows(), news: slips.news() });
      if (held) expect(standing.rows.map(({ alarm }) => alarm.id)).toEqual(held);
      const shown = new Set([...standing.rows.map(({ alarm }) => alarm.id), ...standing.news.map(({ id }) => id)]);
      expect(now.every(({ id }) => shown.has(id))).toBe(true);
      const worst = now.find(({ id }) => !standing.rows.some(({ alarm }) => alarm.id === id));
      if (worst) expect(byImportance(standing.news[0]!, worst)).toBeLessThanOrEqual(0);
    }
  }
});
