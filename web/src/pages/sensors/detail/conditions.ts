// Rules in words.
import type { SensorKind } from '../../../api/types';
import { span } from '../../../parts/times';
import { words } from '../../../words';
import type { HoldingRule } from '../chart/rules';
import { valueText } from '../../../parts/values';

/** When a rule is fulfilled: `140 or more`. */
export function conditionText({ kind, from, to }: { kind: SensorKind; from: number; to: number }): string {
  const text = (value: number) => valueText(kind, value);
  if (from === to) return words.sensor.is(text(from));
  if (from === 0 && to === 255) return words.sensor.always;
  if (to === 255) return words.sensor.atLeast(text(from));
  return from === 0 ? words.sensor.atMost(text(to)) : words.sensor.between(text(from), text(to));
}

/** What else there is to a rule. */
export function detailsOf(rule: HoldingRule): string[] {
  const seconds = (s: number) => span(s * 1_000);
  const { scope, scope_kind } = rule.refinedBy ?? {};
  const where = scope_kind && words.sensor.refined[scope_kind];
  return [
    rule.on_delay_s > 0 && words.sensor.onDelay(seconds(rule.on_delay_s)),
    rule.deadband > 0 && words.sensor.deadband(rule.deadband),
    rule.off_delay_s > 0 && words.sensor.offDelay(seconds(rule.off_delay_s)),
    rule.latching && words.sensor.latching,
    rule.re_alarm_s !== null && words.sensor.reAlarm(seconds(rule.re_alarm_s)),
    rule.escalation_s !== null && words.sensor.escalation(seconds(rule.escalation_s)),
    words.sensor.votings[rule.voting.kind],
    where && (scope_kind === 'place' ? `${where} ${scope}` : where),
  ].filter((part): part is string => Boolean(part));
}
