// What pages and the worker that follows the server for them say to each other.
import type { Alarm, Class, Event, Node, Sensor, Time } from '../api/types';

/** A sensor's latest value, as the feed tells it: names and places change rarely and are told by lists. */
export type Reading = Omit<Sensor, 'name' | 'place'>;

/** How many alarms of a class there are. */
export interface Counts {
  /** In the list of alarms. */
  shown: number;
  /** Whose cause is there now. */
  active: number;
  unacknowledged: number;
  /** Shelved, suppressed or out of service. */
  quiet: number;
}

/** How everything stands. */
export interface Snapshot {
  time: Time;
  last_seq: number;
  counts: Record<Class, Counts>;
  suppressions: number;
  flood: boolean;
  alarms: Alarm[];
}

/** Which readings a page wants: of a place, or of everywhere. */
export interface Wanted {
  zone: string | null;
}

export type ToWorker =
  /** I am here, the API is beside this address, and I want these readings; nobody needs to say goodbye. */
  | { say: 'here'; base: string; wanted: Wanted[] }
  | { say: 'bye' }
  /** Follow anew at once: somebody else is logged in, or the network is back. */
  | { say: 'again' };

export type ToPage =
  | { say: 'snapshot'; snapshot: Snapshot }
  | { say: 'alarm'; alarm: Alarm }
  | { say: 'event'; event: Event }
  /** What has changed since the last time: of each sensor and node what is newest. */
  | { say: 'changes'; readings: Reading[]; nodes: Node[] }
  /** The server has spoken, and its clock said so. */
  | { say: 'heard'; time: Time | null }
  /** The server no longer knows who asks. */
  | { say: 'refused' };
