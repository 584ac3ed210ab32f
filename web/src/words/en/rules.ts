import type { ClassOrJournal, ProfileName, Voting, VotingGroup } from '../../api/types';

const unit = (kind: string | null | undefined) => (kind === 'TEMPERATURE' ? ' °F' : kind === 'HUMIDITY' ? ' %' : '');
const seconds = (value: number | string) => (value === 'never' ? 'never' : `${value} s`);
const profiles: Record<ProfileName, string> = { building: 'building, the default', 'iit-2022': 'iit-2022' };
const classOrJournal: Record<ClassOrJournal, string> = {
  alarm: 'Alarm',
  supervisory: 'Supervisory',
  trouble: 'Trouble',
  journal: 'Journalled only',
};
const votings: Record<Voting['kind'], string> = {
  single: 'each sensor speaks for itself',
  coincidence: 'so many sensors together',
  cross_zone: 'two different detectors',
  verification: 'a second look (smoke)',
};
const groups: Record<VotingGroup, string> = { node: 'of one node', zone: 'of one zone' };

export const rules = {
  intro:
    'What makes an alarm. What is set here differs from the profile everywhere, in a place, on a node or for a sensor; the nearest wins.',
  profile: 'Profile',
  profiles,
  setProfile: 'Put in force',
  profileTitle: 'Change the profile?',
  profileText: (profile: string) =>
    `The thresholds of ${profile} hold at once, also for values that stand: alarms may begin or end. What is set beside them stays.`,
  profileSet: (profile: string) => `In force: ${profile}.`,
  own: 'a rule of your own',
  addOwn: 'Add a rule of your own',
  refine: 'Refine',
  refineOf: (rule: string) => `Refine ${rule}`,
  editOf: (rule: string, where: string) => `Edit ${rule} ${where}`,
  removeOf: (rule: string, where: string) => `Remove ${rule} ${where}`,
  unset: (rule: string, where: string) => `As further out again: ${rule} ${where}.`,
  set: (rule: string, where: string) => `In force: ${rule} ${where}.`,
  scopes: { everywhere: 'everywhere', place: 'in', node: 'on node', sensor: 'for sensor' } as Record<string, string>,
  classOrJournal,
  condition: (kind: string, from: number, to: number, deadband: number) => {
    if (from === to) return `${from}${unit(kind)}`;
    if (from === 0) return `${to}${unit(kind)} or less${deadband > 0 ? `, until above ${to + deadband}` : ''}`;
    if (to < 255) return `${from} to ${to}${unit(kind)}`;
    return `${from}${unit(kind)} or more${deadband > 0 ? `, until below ${from - deadband}` : ''}`;
  },
  priority: (value: number) => `priority ${value}`,
  atOnce: 'at once',
  onDelay: (value: number) => `after ${value} s`,
  offDelay: (value: number) => `ends after ${value} s`,
  latching: (is: boolean) => (is ? 'latched' : 'not latched'),
  escalation: (value: number | string) =>
    value === 'never' ? 'never escalated' : `next level told after ${seconds(value)}`,
  reAlarm: (value: number | string) => (value === 'never' ? 'not asked again' : `asked again after ${seconds(value)}`),
  atLeast: (value: number) => `${value} or more`,
  atMost: (value: number) => `${value} or less`,
  deadband: (value: number) => `deadband ${value}`,
  message: (text: string) => `“${text}”`,
  voting: (voting: Voting) => {
    switch (voting.kind) {
      case 'coincidence':
        return `${voting.count} sensors ${groups[voting.group as VotingGroup] ?? voting.group} within ${voting.window_s} s`;
      case 'cross_zone':
        return `two detectors ${groups[voting.group as VotingGroup] ?? voting.group} within ${voting.window_s} s`;
      default:
        return votings[voting.kind];
    }
  },
  votings,
  groups,

  ownTitle: 'A rule of your own',
  dialogTitle: (rule: string) => `Rule ${rule}`,
  dialogHint: 'What is left empty stays as it is further out.',
  name: 'Name',
  where: 'Where',
  whereOptions: { everywhere: 'Everywhere', place: 'In a place', node: 'On a node', sensor: 'For a sensor' },
  place: 'Place',
  node: 'Node',
  nodeHint: 'Its address or its name.',
  sensor: 'Sensor',
  sensorHint: 'The node’s address and the sensor’s number: 10.89.21.188_9',
  kind: 'Sensors',
  asFurtherOut: 'as further out',
  side: 'Fulfilled by',
  sides: { at_least: 'this value or more', at_most: 'this value or less' },
  limit: 'Value',
  limitHint: 'The raw byte, 0 to 255.',
  deadbandLabel: 'Deadband',
  deadbandHint: 'To end it, a value must be farther away than this.',
  onDelayLabel: 'On-delay (seconds)',
  offDelayLabel: 'Off-delay (seconds)',
  classLabel: 'Class',
  priorityLabel: 'Priority, 1 to 9',
  latchingLabel: 'Latched',
  latchings: { yes: 'held until somebody resets it', no: 'ends by itself' },
  messageLabel: 'Message',
  reAlarmLabel: 'Ask again after (seconds)',
  escalationLabel: 'Tell the next level after (seconds)',
  orNever: 'A number, or never.',
  votingLabel: 'Sensors that have to agree',
  groupLabel: 'Counted together',
  countLabel: 'How many',
  windowLabel: 'Within (seconds)',
  windowHint: 'Left empty: 10.',
  isThere: (rule: string, where: string) =>
    `Something is set for ${rule} ${where} already: edit that, so that nothing of it is lost unseen.`,
};
