// Rules, where they are refined, and the form in which that is done.
import type {
  ClassOrJournal,
  Rule,
  Rules,
  RuleSetting,
  SensorKind,
  SettingBody,
  Voting,
  VotingGroup,
  VotingSetting,
} from '../../api/types';
import type { Together } from '../../parts/merge';
import { places } from '../../state/places.svelte';
import { words } from '../../words';
import { numberOf, spanOf, textOf } from './numbers';

export type ScopeKind = 'everywhere' | 'place' | 'node' | 'sensor';

/** A rule with what refines it; a rule of one's own has no profile's. */
export interface RuleEntry {
  name: string;
  rule: Rule | undefined;
  settings: RuleSetting[];
}

/** From what holds everywhere to what holds for one sensor. */
const SCOPES: string[] = ['everywhere', 'place', 'node', 'sensor'] satisfies ScopeKind[];

export function entriesOf(rules: Rules): RuleEntry[] {
  const known = new Set(rules.items.map(({ rule }) => rule));
  const own = [...new Set(rules.settings.map(({ rule }) => rule))].filter((name) => !known.has(name)).sort();
  return [...known, ...own].map((name) => ({
    name,
    rule: rules.items.find(({ rule }) => rule === name),
    settings: rules.settings
      .filter(({ rule }) => rule === name)
      .sort(
        (a, b) =>
          SCOPES.indexOf(a.scope_kind) - SCOPES.indexOf(b.scope_kind) || (a.scope ?? '').localeCompare(b.scope ?? ''),
      ),
  }));
}

/** A setting as a form holds it: what is empty stays as it is further out. */
export interface RuleForm {
  rule: string;
  scopeKind: ScopeKind;
  scope: string;
  kind: SensorKind | '';
  side: 'at_least' | 'at_most';
  limit: string;
  deadband: string;
  onDelay: string;
  offDelay: string;
  class: ClassOrJournal | '';
  priority: string;
  latching: 'yes' | 'no' | '';
  message: string;
  reAlarm: string;
  escalation: string;
  voting: Voting['kind'] | '';
  group: VotingGroup;
  count: string;
  window: string;
}

/** A value says nothing without the side that it is on, nor a span without what it is of. */
export const TOGETHER: Together<RuleForm> = [
  ['side', 'limit'],
  ['voting', 'group', 'count', 'window'],
];

export function formOf(rule: string, setting?: RuleSetting): RuleForm {
  const voting = setting?.voting;
  return {
    rule,
    scopeKind: (setting?.scope_kind ?? 'everywhere') as ScopeKind,
    scope: setting?.scope ?? '',
    kind: setting?.kind ?? '',
    side: setting?.at_most != null ? 'at_most' : 'at_least',
    limit: textOf(setting?.at_most ?? setting?.at_least),
    deadband: textOf(setting?.deadband),
    onDelay: textOf(setting?.on_delay_s),
    offDelay: textOf(setting?.off_delay_s),
    class: (setting?.class ?? '') as ClassOrJournal | '',
    priority: textOf(setting?.priority),
    latching: setting?.latching == null ? '' : setting.latching ? 'yes' : 'no',
    message: setting?.message ?? '',
    reAlarm: textOf(setting?.re_alarm_s),
    escalation: textOf(setting?.escalation_s),
    voting: voting?.kind ?? '',
    group: voting && 'group' in voting ? (voting.group as VotingGroup) : 'zone',
    count: voting?.kind === 'coincidence' ? textOf(voting.count) : '2',
    window: voting && 'window_s' in voting ? textOf(voting.window_s) : '',
  };
}

function votingOf({ voting, group, count, window }: RuleForm): VotingSetting | null {
  switch (voting) {
    case '':
      return null;
    case 'coincidence':
      return { kind: voting, group, count: numberOf(count, 'count') ?? 0, window_s: numberOf(window, 'window_s') };
    case 'cross_zone':
      return { kind: voting, group, window_s: numberOf(window, 'window_s') };
    default:
      return { kind: voting };
  }
}

export function bodyOf(form: RuleForm): SettingBody {
  const limit = numberOf(form.limit, 'limit');
  return {
    kind: form.kind || null,
    at_least: form.side === 'at_least' ? limit : null,
    at_most: form.side === 'at_most' ? limit : null,
    deadband: numberOf(form.deadband, 'deadband'),
    on_delay_s: numberOf(form.onDelay, 'on_delay_s'),
    off_delay_s: numberOf(form.offDelay, 'off_delay_s'),
    class: form.class || null,
    priority: numberOf(form.priority, 'priority'),
    latching: form.latching === '' ? null : form.latching === 'yes',
    message: form.message.trim() || null,
    re_alarm_s: spanOf(form.reAlarm, 're_alarm_s'),
    escalation_s: spanOf(form.escalation, 'escalation_s'),
    voting: votingOf(form),
  };
}

/** Whether a setting is the one of this rule at this place. */
export function isSame(setting: RuleSetting, rule: string, kind: string, scope: string | null): boolean {
  return setting.rule === rule && setting.scope_kind === kind && (setting.scope ?? '') === (scope ?? '');
}

type Where = { place?: string; node?: string; sensor?: string };

/** Where a setting holds, as requests say it. */
export function whereOf(kind: string, scope: string | null): Where {
  return kind === 'everywhere' ? {} : { [kind]: scope ?? '' };
}

const text = words.system.rules;

/** Where a setting holds, in words. */
export function whereWords({ scope_kind, scope }: Pick<RuleSetting, 'scope_kind' | 'scope'>): string {
  const kind = text.scopes[scope_kind] ?? scope_kind;
  if (scope === null) return kind;
  return `${kind} ${scope_kind === 'place' ? places.title(scope) : scope}`;
}

/** A rule of the profile, in a sentence. */
export function sentence(rule: Rule): string {
  const kind = words.common.kinds[rule.kind];
  return [
    `${kind}: ${text.condition(rule.kind, rule.from, rule.to, rule.deadband)}`,
    rule.on_delay_s > 0 ? text.onDelay(rule.on_delay_s) : text.atOnce,
    rule.off_delay_s > 0 && text.offDelay(rule.off_delay_s),
    rule.latching && text.latching(true),
    rule.class && text.priority(rule.priority),
    rule.voting.kind !== 'single' && text.voting(rule.voting),
    rule.escalation_s !== null && text.escalation(rule.escalation_s),
    rule.re_alarm_s !== null && text.reAlarm(rule.re_alarm_s),
    text.message(rule.message),
  ]
    .filter(Boolean)
    .join(', ');
}

/** What differs, one thing after the other. */
export function differences(setting: RuleSetting): string[] {
  const told = <T>(value: T | null, words: (value: T) => string) => (value === null ? [] : [words(value)]);
  return [
    ...told(setting.kind, (kind) => words.common.kinds[kind]),
    ...told(setting.at_least, text.atLeast),
    ...told(setting.at_most, text.atMost),
    ...told(setting.deadband, text.deadband),
    ...told(setting.on_delay_s, text.onDelay),
    ...told(setting.off_delay_s, text.offDelay),
    ...told(setting.class as ClassOrJournal | null, (of) => text.classOrJournal[of]),
    ...told(setting.latching, text.latching),
    ...told(setting.priority, text.priority),
    ...told(setting.voting, text.voting),
    ...told(setting.escalation_s, text.escalation),
    ...told(setting.re_alarm_s, text.reAlarm),
    ...told(setting.message, text.message),
  ];
}

/** What the fields of a rule are called. */
export const LABELS: Record<keyof RuleForm, string> = {
  rule: text.name,
  scopeKind: text.where,
  scope: text.where,
  kind: text.kind,
  side: text.side,
  limit: text.limit,
  deadband: text.deadbandLabel,
  onDelay: text.onDelayLabel,
  offDelay: text.offDelayLabel,
  class: text.classLabel,
  priority: text.priorityLabel,
  latching: text.latchingLabel,
  message: text.messageLabel,
  reAlarm: text.reAlarmLabel,
  escalation: text.escalationLabel,
  voting: text.votingLabel,
  group: text.groupLabel,
  count: text.countLabel,
  window: text.windowLabel,
};

const chosen = (choices: Record<string, string>) => (one: string) => choices[one] ?? one;

/** How what was chosen in them is read. */
export const TEXTS: Partial<Record<keyof RuleForm, (one: string) => string>> = {
  kind: chosen(words.common.kinds),
  side: chosen(text.sides),
  class: chosen(text.classOrJournal),
  latching: chosen(text.latchings),
  voting: chosen(text.votings),
  group: chosen(text.groups),
};

/** The fields that have a place for what the server finds wrong with them. */
export const FIELDS = [
  'place',
  'node',
  'sensor',
  'limit',
  'at_least',
  'at_most',
  'deadband',
  'on_delay_s',
  'off_delay_s',
  'priority',
  'message',
  're_alarm_s',
  'escalation_s',
  'count',
  'window_s',
];
