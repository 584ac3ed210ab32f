// Which rules hold for a sensor, and what its values mean by them.
import type { Class, ClassOrJournal, Rule, Rules, RuleSetting, Sensor, SensorKind, Status } from '../../../api/types';

/** Where a sensor is, as far as rules go. */
export interface Where {
  sensor: Pick<Sensor, 'ip_id' | 'kind' | 'node'>;
  /** The places that it is in, the outermost first. */
  places: string[];
}

/** A rule as it holds for one sensor. */
export interface HoldingRule extends Rule {
  /** Who has refined it last, from the outside to the sensor itself; undefined: it is as the profile says. */
  refinedBy: RuleSetting | undefined;
}

/** The rules that hold for a sensor: the profile's, refined by the settings from the outermost to the nearest. */
export function rulesFor({ sensor, places }: Where, rules: Pick<Rules, 'items' | 'settings'>): HoldingRule[] {
  const kindOf = (name: string) =>
    rules.items.find((rule) => rule.rule === name)?.kind ??
    rules.settings.find((setting) => setting.rule === name && setting.kind)?.kind;
  const reach = (setting: RuleSetting) => {
    if (setting.scope_kind === 'everywhere') return 0;
    if (setting.scope_kind === 'place') return 1 + places.indexOf(setting.scope ?? '') || -1;
    if (setting.scope_kind === 'node') return setting.scope === sensor.node ? places.length + 1 : -1;
    return setting.scope === sensor.ip_id ? places.length + 2 : -1;
  };
  const holding = rules.items
    .filter((rule) => rule.kind === sensor.kind)
    .map((rule): HoldingRule => ({ ...rule, refinedBy: undefined }));
  const settings = rules.settings
    .filter((setting) => kindOf(setting.rule) === sensor.kind && reach(setting) >= 0)
    .sort((a, b) => reach(a) - reach(b));
  for (const setting of settings) {
    const at = holding.findIndex((rule) => rule.rule === setting.rule);
    if (at < 0) holding.push(refined(ownRule(setting.rule, sensor.kind), setting));
    else holding[at] = refined(holding[at]!, setting);
  }
  return holding;
}

const ownRule = (rule: string, kind: SensorKind): HoldingRule => ({
  rule,
  kind,
  class: 'supervisory',
  priority: 2,
  status: 'warning',
  from: 0,
  to: 255,
  deadband: 0,
  on_delay_s: 0,
  off_delay_s: 0,
  latching: false,
  re_alarm_s: null,
  escalation_s: null,
  message: rule,
  voting: { kind: 'single' },
  refinedBy: undefined,
});

const STATUS_OF: Record<ClassOrJournal, Status> = {
  alarm: 'critical',
  supervisory: 'warning',
  trouble: 'warning',
  journal: 'normal',
};

function refined(rule: HoldingRule, setting: RuleSetting): HoldingRule {
  const said = Object.entries(setting).filter(([name, value]) => value !== null && name in rule && name !== 'class');
  const changed: HoldingRule = { ...rule, ...Object.fromEntries(said), refinedBy: setting };
  if (setting.class !== null) {
    changed.class = setting.class === 'journal' ? null : (setting.class as Class);
    changed.status = STATUS_OF[setting.class as ClassOrJournal];
  }
  if (setting.at_least !== null || setting.at_most !== null) {
    changed.from = setting.at_least ?? 0;
    changed.to = setting.at_most ?? 255;
  }
  return changed;
}

const VALUES = 256;
const BY_WEIGHT: string[] = ['undefined', 'normal', 'warning', 'critical'];

export function worse(a: Status, b: Status): Status {
  return BY_WEIGHT.indexOf(b) > BY_WEIGHT.indexOf(a) ? b : a;
}

/** What each of the values means: the worst that the rules say. A kind without rules has no meaning. */
export function meanings(kind: SensorKind, rules: Pick<Rule, 'from' | 'to' | 'status'>[]): Status[] {
  return Array.from({ length: VALUES }, (_, value) => {
    if (rules.length === 0 || (kind === 'MOTION' && value > 1)) return 'undefined';
    const fulfilled = rules.filter((rule) => rule.from <= value && value <= rule.to);
    return fulfilled.reduce<Status>((worst, rule) => worse(worst, rule.status as Status), 'normal');
  });
}

/** Values next to each other that mean the same, and not that all is well. */
export interface Band {
  status: 'warning' | 'critical';
  from: number;
  to: number;
}

export function bandsOf(meanings: Status[]): Band[] {
  const bands: Band[] = [];
  meanings.forEach((status, value) => {
    if (status !== 'warning' && status !== 'critical') return;
    const begun = bands.at(-1);
    if (begun?.to === value - 1 && begun.status === status) begun.to = value;
    else bands.push({ status, from: value, to: value });
  });
  return bands;
}
