const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

export const overview = {
  title: 'Overview',
  wall: 'Wall mode',
  plans: 'Floor plans',

  normal: 'All is normal',
  notKnown: 'Waiting for the server…',
  lost: 'Not known: connection lost',
  nodes: (n: number) => count(n, 'node', 'nodes'),
  late: (n: number) => `${n} late`,
  silent: (n: number) => `${n} silent`,
  quiet: (n: number) => `${n} suppressed`,
  allReport: 'All nodes report',

  places: 'Places',
  placeState: (title: string, state: string) => `${title}: ${state}`,
  noPlacesTitle: 'No places yet',
  noPlaces:
    'Buildings, floors and zones are drawn on the floor plans’ page. Then this page shows where something is wrong.',
  noPlacesViewer: 'An engineer adds buildings, floors and zones on the floor plans’ page.',
  toPlans: 'Go to the floor plans',
  onPlan: 'Floor plan',
  onPlanOf: (place: string) => `Floor plan of ${place}`,
  alarms: (n: number) => count(n, 'alarm', 'alarms'),

  newest: 'Newest alarms',
  allAlarms: (n: number) => `All ${n} alarms`,
  none: 'No alarms.',

  supervision: 'Nodes that are late or silent',
  lastHeard: 'last heard',
  neverHeard: 'never heard',
  more: (n: number) => `and ${n} more`,
  noNodes: {
    title: 'No nodes yet',
    point: 'Point one at:',
    udp: ', by UDP',
    reaches: {
      'as-this-page': () => '',
      'by-its-own-address': (port: string) =>
        `, or from another machine at this machine’s own address and port ${port}`,
      'this-machine': () =>
        '. Only the server’s own machine reaches that: the setting listen says where else it is to listen',
    },
    try: 'Or have some simulated:',
    then: 'It shows here with its first reading.',
    somewhere: 'Point one at the address that this server listens at; an administrator knows it.',
    demo: 'The nodes of the demo begin to speak in a moment.',
  },

  waiting: 'Nodes that wait for approval',
  waitingMeans: 'What they read raises no full alarm until somebody approves them.',
  alarming: 'reads danger',
  approve: 'Approve',
  approveNode: (node: string) => `Approve ${node}`,
  approved: (node: string) => `Approved: ${node}.`,
  dismiss: 'Dismiss',
  dismissNode: (node: string) => `Dismiss ${node}`,
  dismissTitle: (node: string) => `Dismiss ${node}?`,
  dismissText: 'It leaves this list. If it sends again, it waits here again.',
  dismissed: (node: string) => `Dismissed: ${node}.`,
  sensorsOf: (n: number) => count(n, 'sensor', 'sensors'),

  journal: 'Lately',
  toJournal: 'Journal',

  wallAlarms: 'What asks for attention',
  leaveWall: 'Leave wall mode (Escape)',
  fullScreen: 'Full screen',
  awake: 'The screen stays awake.',
  keys: { wall: 'Wall mode', leave: 'Leave wall mode' },
};
