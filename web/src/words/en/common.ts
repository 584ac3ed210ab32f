import type {
  AlarmState,
  Class,
  EmergencyKind,
  EventKind,
  Quality,
  Quiet,
  Role,
  SensorKind,
  Status,
  Supervision,
} from '../../api/types';

const states: Record<AlarmState, string> = {
  normal: 'Normal',
  unacknowledged: 'Unacknowledged',
  acknowledged: 'Acknowledged',
  returned_unacknowledged: 'Returned, unacknowledged',
  latched_unacknowledged: 'Latched, unacknowledged',
  latched_acknowledged: 'Latched, acknowledged',
};

const classes: Record<Class, string> = { alarm: 'Alarm', supervisory: 'Supervisory', trouble: 'Trouble' };

const kinds: Record<SensorKind, string> = {
  FIRE: 'Fire',
  SMOKE: 'Smoke',
  MOTION: 'Motion',
  HUMIDITY: 'Humidity',
  TEMPERATURE: 'Temperature',
  WATER: 'Water',
};

const statuses: Record<Status, string> = {
  normal: 'Normal',
  warning: 'Warning',
  critical: 'Critical',
  undefined: 'Undefined',
};

const qualities: Record<Quality, string> = {
  good: 'Good',
  late: 'Late',
  lost: 'Lost',
  fault: 'Fault',
  conflict: 'Conflict',
  unapproved: 'Unapproved',
};

const supervisions: Record<Supervision, string> = { good: 'Good', late: 'Late', lost: 'Silent' };

const quiets: Record<Quiet, string> = {
  shelved: 'Shelved',
  suppressed_by_design: 'Suppressed by design',
  out_of_service: 'Out of service',
};

const roles: Record<Role, string> = {
  viewer: 'Viewer',
  operator: 'Operator',
  engineer: 'Engineer',
  admin: 'Administrator',
};

const emergencies: Record<EmergencyKind, string> = {
  fire: 'Fire',
  extreme_weather: 'Extreme weather',
  active_shooter: 'Active shooter',
  public_safety: 'Public safety',
};

/** The two states of kinds whose numbers are only signs for them. */
const binary: Partial<Record<SensorKind, readonly [string, string]>> = {
  FIRE: ['Flame', 'No flame'],
  MOTION: ['Still', 'Motion'],
};

const units: Record<string, string> = { degF: '°F' };

/** What an entry of the journal is about, from its kind: `alarm.raised` is "alarm raised". */
const event = (kind: EventKind) => kind.replace(/[._]/g, ' ');

export const common = {
  product: 'poe-backend',
  supplementary: 'Supplementary monitoring. It does not replace a listed fire alarm system.',
  unreachable: 'The server does not answer. Look whether it runs, and whether this machine has a network.',
  pageGone: 'This page could not be fetched. Perhaps the server was upgraded; trying again loads the dashboard anew.',
  loading: 'Loading…',
  tryAgain: 'Try again',
  cancel: 'Cancel',
  close: 'Close',
  save: 'Save',
  remove: 'Remove',
  undo: 'Undo',
  search: 'Search',
  all: 'All',
  none: 'None',
  unknown: 'unknown',
  never: 'never',
  done: 'Done.',
  notFound: 'There is no such page.',
  toOverview: 'Go to the overview',
  states,
  classes,
  kinds,
  statuses,
  qualities,
  supervisions,
  quiets,
  isOld: 'could not be read anew',
  old: (state: string) => `${state} (could not be read anew)`,
  roles,
  emergencies,
  binary,
  units,
  event,
};
