import type { Enrolment } from '../../api/types';

const modes: Record<Enrolment, string> = {
  open: 'Let in at once',
  approve: 'Wait for approval',
  closed: 'Turned away',
};

const modeHints: Record<Enrolment, string> = {
  open: 'Every node that sends is taken in.',
  approve: 'A new node waits here until somebody approves it. Danger that it reports is signalled all the same.',
  closed: 'Nobody new is taken in. Only nodes that report danger are listed.',
};

export const nodes = {
  title: 'Nodes',
  name: 'Node',
  address: 'Address',
  place: 'Place',
  supervision: 'Heard',
  connections: 'Connections',
  sensors: 'Sensors',
  frames: 'Frames',
  invalid: 'Invalid frames',
  lastSeen: 'Last seen',
  firstSeen: 'First seen',
  approved: 'Approved',
  authenticated: 'Authenticated',
  yes: 'Yes',
  no: 'No',
  notAuthenticated: 'No: nodes speak plain TCP, which proves nothing',
  all: 'All nodes',
  empty: 'No nodes yet',
  emptyNext: (address: string) => `Point one at ${address}, or try it with three simulated ones:`,
  unknown: 'There is no node of this address or name.',
  invalidShare: (percent: string) => `${percent} % of all frames`,

  actions: 'Actions',
  disconnect: 'Disconnect',
  disconnectText: (count: number) =>
    `What the node has sent is read first, then ${count === 1 ? 'its connection is' : `its ${count} connections are`} closed. It may come back at once.`,
  disconnected: (count: number) => (count === 1 ? '1 connection was closed.' : `${count} connections were closed.`),
  outOfService: 'Take out of service',
  journal: 'In the journal',

  history: 'Supervision and what happened to it',
  noHistory: 'Nothing was written about this node yet.',
  silentFor: (span: string) => `for ${span}`,
  earlier: 'More in the journal',

  description: 'Description',
  describe: 'Change',
  called: 'Name',
  describedAs: 'What people say about this node',
  switch: 'Switch',
  switchHint: 'What feeds it with power and network',
  port: 'Port',
  late: 'Late after (s)',
  trouble: 'In trouble after (s)',
  limitHint: (site: string) => `1 to 200; empty: as everywhere, ${site} s`,
  nowhere: 'Nowhere',
  saved: (node: string) => `${node} was changed.`,
  faster: 'Somebody else has changed the building meanwhile. This is how it is now: look at it, and save again.',

  move: 'Replaced by another',
  moveText: 'Name, place and rules of this node hold for the new address from then on.',
  moveTo: 'Address of the new node',
  moveAction: 'Move to this address',
  moved: (from: string, to: string) => `${from} is ${to} now.`,
  retire: 'Retire',
  retireText: (node: string) =>
    `${node} is gone for good: it is no longer missed, and its alarms end. It comes back as a new node if it sends again. This cannot be undone.`,
  retired: (node: string) => `${node} was retired.`,

  approve: 'Approve',
  approvedNow: (node: string) => `${node} was approved.`,
  dismiss: 'Dismiss',
  dismissed: (node: string) => `${node} was dismissed. It is listed again if it sends again.`,
  approveHint: 'Nobody has said yet that this node is one of ours.',

  enrolment: 'New nodes',
  mode: 'A node that nobody knows is',
  modes,
  modeHints,
  modeChanged: (mode: Enrolment) => `New nodes: ${modes[mode].toLowerCase()}.`,
  waiting: (count: number) => (count === 1 ? '1 node waits for approval' : `${count} nodes wait for approval`),
  noneWaits: 'Nobody waits for approval.',
  alarming: 'Reports danger',
  says: 'What it says',
  noValue: 'no value yet',
};
