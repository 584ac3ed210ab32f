// What pages and the worker that follows the server for them say to each other.
import type { Alarm, Event, Node, Sensor, Time } from '../api/types';

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
  suppressions: number;
  flood: boolean;
  alarms: Alarm[];
}

/** Which readings a page wants: of a place, or of everywhere. */
export interface Wanted {
  zone: string | null;
}

export type ToWorker =
  /** I am here, and this is what I want; nobody needs to say goodbye. `base`: the address that the API is beside. */
  | { say: 'here'; base: string; wanted: Wanted[] }
  | { say: 'bye' }
  /** I have put the last changes away, and can take more. A page that nobody sees says so when it is seen. */
  | { say: 'taken' }
  /** I was lost or asleep: tell me when I have been told of all that waits for me. */
  | { say: 'behind' }
  /** The network is back: try at once. */
  | { say: 'retry' };

export type ToPage =
  /** `since`: the entry of the journal after which some may have been missed; undefined, if nobody knows. */
  | { say: 'snapshot'; snapshot: Snapshot; since: number | undefined }
  | { say: 'alarms'; alarms: Alarm[] }
  | { say: 'events'; events: Event[] }
  /** What has changed since the last time: of each sensor and node what is newest. */
  | { say: 'changes'; readings: Reading[]; nodes: Node[] }
  /** All readings that are wanted, and all nodes, have been told as they are. */
  | { say: 'current' }
  /** The server has spoken, and its clock said so; `at`: when that was, by this machine's clock, for a page may hear it late. */
  | { say: 'heard'; time: Time; at: number; flood: boolean }
  /** The server no longer knows who asks. */
  | { say: 'refused' };
