// What a mark on a plan shows: the worst of what it stands for.
import type { Alarm, Class, Node, PlanPlacement, Quality, Quiet, Sensor, SensorKind, Status } from '../../api/types';
import { isActive, isUnacknowledged } from '../../state/alarms.svelte';
import { words } from '../../words';
import { keyOf } from './draft';
import { reading, sensorTitle } from './values';

/** Nothing in it is an object: two that look alike are alike in all fields. */
export interface Mark {
  key: string;
  source: string;
  isNode: boolean;
  x: number;
  y: number;
  kind: SensorKind | 'node' | 'gone';
  /** The worst class that is signalled. */
  of: Class | undefined;
  unacknowledged: boolean;
  /** Whether what nobody has acknowledged is there now: it flashes faster. */
  active: boolean;
  firstOut: boolean;
  quality: Quality;
  /** Why something of it is kept quiet. */
  quiet: Quiet | undefined;
  title: string;
  /** Below the mark. */
  caption: string;
  /** Everything, for who does not see it. */
  label: string;
}

/** What is known of the building. */
export interface Known {
  sensor: (key: string) => Sensor | undefined;
  node: (key: string) => Node | undefined;
  /** The sensors of a node. */
  sensorsOf: (node: string) => Sensor[];
  /** The alarms of a source, the most important first. */
  alarmsOf: (source: string) => readonly Alarm[];
  /** Those of all sensors of a node, also of sensors that are not known here. */
  alarmsUnder: (node: string) => readonly Alarm[];
  /** Whether all there are have been told: before that, nothing is unknown to the server. */
  isComplete: boolean;
  placeTitle: (name: string) => string;
}

/** Alarms by what they are about, each list in the order in which they came. */
export function bySource(alarms: readonly Alarm[]): Map<string, Alarm[]> {
  const found = new Map<string, Alarm[]>();
  for (const alarm of alarms) {
    const list = found.get(alarm.source);
    if (list) list.push(alarm);
    else found.set(alarm.source, [alarm]);
  }
  return found;
}

/** The alarms of sensors by the node that they are at, whose key is the first part of theirs. */
export function byNode(alarms: readonly Alarm[]): Map<string, Alarm[]> {
  return bySource(
    alarms
      .filter(({ source_kind }) => source_kind === 'sensor')
      .map((alarm) => ({ ...alarm, source: alarm.source.slice(0, Math.max(0, alarm.source.lastIndexOf('_'))) })),
  );
}

export function markOf(placement: PlanPlacement, known: Known): Mark {
  return placement.source_kind === 'node' ? nodeMark(placement, known) : sensorMark(placement, known);
}

function sensorMark(placement: PlanPlacement, known: Known): Mark {
  const sensor = known.sensor(placement.source);
  const { signal, told } = signalOf(known.alarmsOf(placement.source));
  if (!sensor) return gone(placement, signal, told, known);
  const caption = captioned(sensor.quality, reading(sensor));
  return {
    ...where(placement),
    ...signal,
    kind: sensor.kind,
    quality: sensor.quality,
    title: sensorTitle(sensor),
    caption,
    label: sentence(
      words.common.kinds[sensor.kind],
      sensor.name ?? sensor.ip_id,
      sensor.place && known.placeTitle(sensor.place),
      caption,
      sensor.status && words.common.statuses[sensor.status],
      told,
    ),
  };
}

/** A node stands for its sensors as well: for the worst of them. */
function nodeMark(placement: PlanPlacement, known: Known): Mark {
  const node = known.node(placement.source);
  const sensors = known.sensorsOf(placement.source);
  const [worst] = worstFirst(sensors, known);
  const ofWorst = worst ? known.alarmsOf(worst.ip_id) : [];
  const { signal, told } = signalOf(
    [...known.alarmsOf(placement.source), ...known.alarmsUnder(placement.source)].sort(byClass),
  );
  if (!node) return gone(placement, signal, told, known);
  const title = node.name ?? node.address;
  const isWorst = ofWorst.some((alarm) => alarm.suppressed === null);
  const value = worst && isWorst ? `${sensorTitle(worst)}: ${reading(worst)}` : undefined;
  const caption = captioned(node.supervision, value ?? title);
  return {
    ...where(placement),
    ...signal,
    kind: 'node',
    quality: node.supervision,
    title,
    caption,
    label: sentence(
      words.plans.node,
      value && title,
      caption,
      node.place && known.placeTitle(node.place),
      words.plans.ofSensors(sensors.length),
      value && worst?.status && words.common.statuses[worst.status],
      told,
    ),
  };
}

function where({ source, source_kind, x, y }: PlanPlacement) {
  return { key: keyOf({ source, source_kind }), source, isNode: source_kind === 'node', x, y };
}

/** Something is placed here that the server no longer knows, or has not told of yet. */
function gone(placement: PlanPlacement, signal: Signal, told: string, { isComplete }: Known): Mark {
  const { source } = placement;
  const unknown = isComplete ? words.plans.unknownSource : words.common.loading;
  const label = sentence(source, unknown, told);
  return { ...where(placement), ...signal, kind: 'gone', quality: 'good', title: source, caption: unknown, label };
}

type Signal = Pick<Mark, 'of' | 'unacknowledged' | 'active' | 'firstOut' | 'quiet'>;

/** What the alarms of a source, the most important first, make of its mark, and how that is said. */
function signalOf(all: readonly Alarm[]): { signal: Signal; told: string } {
  const shown = all.filter((alarm) => alarm.suppressed === null);
  const [worst] = shown;
  const quiet = all.find((alarm) => alarm.suppressed !== null)?.suppressed ?? undefined;
  const unseen = shown.filter((alarm) => alarm.class === worst?.class && isUnacknowledged(alarm.state));
  const firstOut = shown.some((alarm) => alarm.first_out);
  const state = (unseen[0] ?? worst)?.state;
  return {
    signal: {
      of: worst?.class,
      unacknowledged: unseen.length > 0,
      active: unseen.some((alarm) => isActive(alarm.state)),
      firstOut,
      quiet,
    },
    told: sentence(
      worst && state && `${words.common.classes[worst.class]} ${words.common.states[state]}`,
      firstOut && words.plans.firstOut,
      quiet && words.common.quiets[quiet],
    ),
  };
}

const CLASS_RANK: Record<Class, number> = { alarm: 0, supervisory: 1, trouble: 2 };
const byClass = (a: Alarm, b: Alarm) => CLASS_RANK[a.class] - CLASS_RANK[b.class] || a.priority - b.priority;

const STATUS_RANK: Record<Status, number> = { critical: 0, warning: 1, undefined: 3, normal: 3 };

/** How soon somebody should look at a sensor: by its alarms, then by its status. */
function rankOf(sensor: Sensor, known: Pick<Known, 'alarmsOf'>): number {
  const alarm = known.alarmsOf(sensor.ip_id).find((one) => one.suppressed === null);
  if (!alarm) return 3 + STATUS_RANK[sensor.status ?? 'normal'];
  return CLASS_RANK[alarm.class] + (isUnacknowledged(alarm.state) ? 0 : 0.5);
}

export function worstFirst(sensors: Sensor[], known: Pick<Known, 'alarmsOf'>): Sensor[] {
  return sensors
    .map((sensor) => ({ sensor, rank: rankOf(sensor, known) }))
    .sort((a, b) => a.rank - b.rank || a.sensor.id - b.sensor.id)
    .map(({ sensor }) => sensor);
}

/** A value that may be old says so before it says anything else. */
function captioned(quality: Quality, value: string): string {
  return quality === 'good' ? value : `${words.common.qualities[quality]}: ${value}`;
}

/** `Smoke, kitchen, 67, critical, alarm unacknowledged`. Names keep their letters, for they may be anything. */
function sentence(...parts: (string | false | null | undefined)[]): string {
  return parts.filter(Boolean).join(', ');
}

/** The marks as they are now; one that looks as before is the same object as before, so that nothing is drawn anew for it. */
export function kept(before: Map<string, Mark>, now: Mark[]): Mark[] {
  return now.map((mark) => {
    const old = before.get(mark.key);
    return old && isAlike(old, mark) ? old : mark;
  });
}

function isAlike(a: Mark, b: Mark): boolean {
  return (Object.keys(a) as (keyof Mark)[]).every((field) => a[field] === b[field]);
}

/** The one of several that asks for attention first; among equals the first. */
export function worstMark(marks: Mark[]): Mark | undefined {
  const rank = ({ of, unacknowledged, quality }: Mark) =>
    (of ? CLASS_RANK[of] * 2 : 6 + Number(quality === 'good')) + Number(!unacknowledged);
  return marks.reduce<Mark | undefined>(
    (worst, mark) => (!worst || rank(mark) < rank(worst) ? mark : worst),
    undefined,
  );
}
