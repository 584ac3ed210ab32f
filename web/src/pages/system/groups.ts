// The form in which a group is described.
import type { Class, GroupBody, TargetGroup } from '../../api/types';
import { linesOf, numberOf } from './numbers';

export interface GroupForm {
  name: string;
  level: string;
  targets: string[];
  classes: Class[];
  places: string[];
  hours: string;
}

const ALL = 3;

export function formOf(group: TargetGroup | undefined): GroupForm {
  const classes = group?.classes ?? [];
  return {
    name: group?.name ?? '',
    level: String(group?.level ?? 1),
    targets: group?.targets ?? [],
    // All of them is what none means.
    classes: classes.length === ALL ? [] : classes,
    places: group?.places ?? [],
    hours: group?.hours.join('\n') ?? '',
  };
}

/** What is sent: nothing chosen is all signals, everywhere, always. */
export function bodyOf(form: GroupForm): GroupBody {
  const hours = linesOf(form.hours);
  return {
    name: form.name.trim(),
    level: numberOf(form.level, 'level'),
    targets: form.targets,
    classes: form.classes.length > 0 ? form.classes : null,
    places: form.places.length > 0 ? form.places : null,
    hours: hours.length > 0 ? hours : null,
  };
}
