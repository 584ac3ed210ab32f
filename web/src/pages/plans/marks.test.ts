import { describe, expect, it } from 'vitest';
import type { Alarm, Node, PlanPlacement, Sensor } from '../../api/types';
import { byNode, bySource, kept, markOf, worstFirst, worstMark, type Known } from './marks';

const NODE = '10.0.0.1';
const sensor = (id: number, more: Partial<Sensor> = {}): Sensor => ({
  id,
  ip_id: `${NODE}_${id}`,
  node: NODE,
  kind: 'SMOKE',
  name: null,
  place: 'kitchen',
  value: 67,
  unit: '',
  status: 'normal',
  legacy_status: 'normal',
  quality: 'good',
  time: null,
  ...more,
});
const node = { node: NODE, address: NODE, name: 'Ceiling', place: 'kitchen', supervision: 'good' } as Node;
const alarm = (source: string, more: Partial<Alarm> = {}) =>
  ({
    source,
    source_kind: source.includes('_') ? 'sensor' : 'node',
    class: 'alarm',
    state: 'unacknowledged',
    priority: 1,
    suppressed: null,
    first_out: false,
    ...more,
  }) as Alarm;

function known(sensors: Sensor[], alarms: Alarm[] = [], its: Node = node): Known {
  const found = bySource(alarms);
  const under = byNode(alarms);
  return {
    sensor: (key) => sensors.find(({ ip_id }) => ip_id === key),
    node: (key) => (key === its.node ? its : undefined),
    sensorsOf: () => sensors,
    alarmsOf: (source) => found.get(source) ?? [],
    alarmsUnder: (of) => under.get(of) ?? [],
    isComplete: true,
    placeTitle: (name) => `the ${name}`,
  };
}

const ofSensor = (source: string): PlanPlacement => ({ source_kind: 'sensor', source, x: 0.1, y: 0.2 });
const ofNode: PlanPlacement = { source_kind: 'node', source: NODE, x: 0.1, y: 0.2 };

describe('the mark of a sensor', () => {
  it('is quiet where all is normal', () => {
    const mark = markOf(ofSensor(`${NODE}_1`), known([sensor(1)]));
    expect(mark).toMatchObject({ of: undefined, unacknowledged: false, quality: 'good', caption: '67' });
    expect(mark.label).toBe('Smoke, 10.0.0.1_1, the kitchen, 67, Normal');
  });

  it('tells everything of an alarm', () => {
    const one = sensor(1, { status: 'critical', value: 213 });
    const mark = markOf(ofSensor(one.ip_id), known([one], [alarm(one.ip_id, { first_out: true })]));
    expect(mark).toMatchObject({ of: 'alarm', unacknowledged: true, active: true, firstOut: true });
    expect(mark.label).toBe('Smoke, 10.0.0.1_1, the kitchen, 213, Critical, Alarm Unacknowledged, First out');
  });

  it('flashes more slowly once the cause is gone, and not when somebody has seen it', () => {
    const at = (state: Alarm['state']) =>
      markOf(ofSensor(`${NODE}_1`), known([sensor(1)], [alarm(`${NODE}_1`, { state })]));
    expect(at('latched_unacknowledged')).toMatchObject({ of: 'alarm', unacknowledged: true, active: false });
    expect(at('latched_acknowledged')).toMatchObject({ of: 'alarm', unacknowledged: false, active: false });
  });

  it('says that its value is old before it says the value', () => {
    const mark = markOf(ofSensor(`${NODE}_1`), known([sensor(1, { quality: 'lost' })]));
    expect(mark).toMatchObject({ quality: 'lost', caption: 'Lost: 67' });
    expect(mark.label).toContain('Lost: 67');
  });

  it('has no class where its alarm is kept quiet, and says so', () => {
    const mark = markOf(ofSensor(`${NODE}_1`), known([sensor(1)], [alarm(`${NODE}_1`, { suppressed: 'shelved' })]));
    expect(mark).toMatchObject({ of: undefined, unacknowledged: false, quiet: 'shelved' });
    expect(mark.label).toContain('Shelved');
  });

  it('shows flames and motion as words', () => {
    const caption = (more: Partial<Sensor>) => markOf(ofSensor(`${NODE}_1`), known([sensor(1, more)])).caption;
    expect(caption({ kind: 'FIRE', value: 0 })).toBe('Flame');
    expect(caption({ kind: 'FIRE', value: 1 })).toBe('No flame');
    expect(caption({ kind: 'MOTION', value: 1 })).toBe('Motion');
    expect(caption({ kind: 'MOTION', value: 7 })).toBe('7');
    expect(caption({ kind: 'FIRE', value: null })).toBe('No reading yet');
    expect(caption({ kind: 'TEMPERATURE', value: 80, unit: 'degF' })).toBe('80 °F');
  });

  it('stays where the server no longer knows what it is', () => {
    expect(markOf(ofSensor('10.9.9.9_1'), known([]))).toMatchObject({ kind: 'gone', title: '10.9.9.9_1' });
  });
});

describe('the mark of a node', () => {
  it('shows the worst of its sensors', () => {
    const sensors = [sensor(1), sensor(2, { name: 'Hob', value: 220, status: 'critical' })];
    const mark = markOf(ofNode, known(sensors, [alarm(`${NODE}_2`)]));
    expect(mark).toMatchObject({ of: 'alarm', unacknowledged: true, caption: 'Hob: 220' });
    expect(mark.label).toBe('Node, Ceiling, Hob: 220, the kitchen, 2 sensors, Critical, Alarm Unacknowledged');
  });

  it('is led by its own trouble where its sensors have nothing worse', () => {
    const late = { ...node, supervision: 'lost' } as Node;
    const mark = markOf(ofNode, known([sensor(1)], [alarm(NODE, { class: 'trouble' })], late));
    expect(mark).toMatchObject({ of: 'trouble', quality: 'lost', caption: 'Lost: Ceiling' });
  });

  it('puts an alarm of a sensor before its own trouble', () => {
    const alarms = [alarm(NODE, { class: 'trouble' }), alarm(`${NODE}_1`, { state: 'acknowledged' })];
    expect(markOf(ofNode, known([sensor(1)], alarms))).toMatchObject({ of: 'alarm', unacknowledged: false });
  });
});

describe('several marks', () => {
  it('list sensors by alarm, then by status', () => {
    const sensors = [sensor(1), sensor(2, { status: 'warning' }), sensor(3), sensor(4)];
    const alarms = [alarm(`${NODE}_3`, { class: 'trouble' }), alarm(`${NODE}_4`)];
    expect(worstFirst(sensors, known(sensors, alarms)).map(({ id }) => id)).toEqual([4, 3, 2, 1]);
  });

  it('are led by what asks for attention first', () => {
    const sensors = [sensor(1), sensor(2, { quality: 'lost' }), sensor(3), sensor(4)];
    const all = known(sensors, [alarm(`${NODE}_3`, { state: 'acknowledged' }), alarm(`${NODE}_4`)]);
    const marks = sensors.map(({ ip_id }) => markOf(ofSensor(ip_id), all));
    expect(worstMark(marks)?.source).toBe(`${NODE}_4`);
    expect(worstMark(marks.slice(0, 3))?.source).toBe(`${NODE}_3`);
    expect(worstMark(marks.slice(0, 2))?.source).toBe(`${NODE}_2`);
    expect(worstMark([])).toBeUndefined();
  });

  it('are the same objects as long as they look the same', () => {
    const mark = (value: number) => markOf(ofSensor(`${NODE}_1`), known([sensor(1, { value })]));
    const before = new Map([[mark(1).key, mark(1)]]);
    expect(kept(before, [mark(1)])[0]).toBe(before.get(mark(1).key));
    expect(kept(before, [mark(2)])[0]).not.toBe(before.get(mark(1).key));
  });
});

describe('before the sensors are known', () => {
  const notYet = (alarms: Alarm[]) => ({ ...known([], alarms), isComplete: false });

  it('nothing is said to be unknown to the server', () => {
    expect(markOf(ofSensor(`${NODE}_1`), notYet([])).label).toBe(`${NODE}_1, Loading…`);
    expect(markOf(ofSensor(`${NODE}_1`), known([])).label).toBe(`${NODE}_1, Unknown to the server`);
  });

  it('a node shows the alarms of its sensors all the same', () => {
    const mark = markOf(ofNode, notYet([alarm(`${NODE}_7`)]));
    expect(mark).toMatchObject({ of: 'alarm', unacknowledged: true });
    expect(mark.label).toContain('Alarm Unacknowledged');
  });
});
