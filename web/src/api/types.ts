// Made from docs/openapi.json by `npm run types`; edit that, not this.

/** An alarm of any class. */
export type Alarm = {
  acknowledged_at: Time | null;
  acknowledged_by: string | null;
  /** Whether it is to be heard. */
  audible: boolean;
  class: Class;
  /** Whether what is shown would survive a power cut. */
  committed: boolean;
  /** How often others were told because nobody acknowledged it. */
  escalations: number;
  /** Whether it came before all others that are shown. */
  first_out: boolean;
  id: number;
  message: string;
  /** The innermost place of the source. */
  place: string | null;
  /** 1 is the most important. */
  priority: number;
  raised_at: Time | null;
  rule: string;
  /** Since when it is in this state. */
  since: Time;
  /** What it is about: an `ip_id`, a node's address, the name of a place or a switch, or `system`. */
  source: string;
  source_kind: SourceKind;
  /** What people call the source, if somebody gave it a name. */
  source_name: string | null;
  /** Whether it is active for longer than a day. */
  stale: boolean;
  state: AlarmState;
  suppressed: Quiet | null;
  /** Of the value: `%`, `degF`, or empty. */
  unit: string;
  /** The raw byte that raised it. */
  value: number | null;
};

export type AlarmState = "normal" | "unacknowledged" | "acknowledged" | "returned_unacknowledged" | "latched_unacknowledged" | "latched_acknowledged";

/** What began. */
export type Begun = {
  /** Whether that is stored already. */
  committed: boolean;
  id: number | null;
  /** Its entry in the journal. */
  seq: number;
};

/** What people say of a building. */
export type BuildingBody = {
  /** Needed for a new one; otherwise it is the path's. */
  name?: string | null;
  /** What people read. */
  title?: string | null;
};

/** A change that is in force. */
export type Changed = {
  /** Whether that is stored already. If not, the disk is slow; the change holds all the same. */
  committed: boolean;
  /** Its last entry in the journal. */
  seq: number;
  /** The version that it has become. */
  version: number;
};

export type Class = "alarm" | "supervisory" | "trouble";

/** The signal that a rule raises; `journal`: none, it is written down only. */
export type ClassOrJournal = "alarm" | "supervisory" | "trouble" | "journal";

export type CommandBody = {
  limit_s?: Seconds | null;
  /** The program and its arguments; there is no shell. */
  run: string[];
};

/** A token, and its text. */
export type CreatedToken = {
  /** The places that its bearer sees, with all that is in them; everything, if there are none. */
  buildings: string[];
  created: Time;
  created_by: string;
  expires?: Time | null;
  /** What paths name it by; the text of the token begins with it. */
  id: string;
  last_used?: Time | null;
  name: string;
  role: Role;
} & {
  /** For the header `Authorization: Bearer`. It is told this once, and kept nowhere. */
  token: string;
};

/** Who asks. */
export type CurrentSession = {
  /** The places that they see, with all that is in them; everything, if there are none. */
  buildings: string[];
  /** Whether the building, its nodes and its readings are made up: `poe serve --demo`. */
  demo: boolean;
  expires: Time | null;
  /** Those of `buildings` that are no places any more, so that nothing is seen of them. */
  missing: string[];
  /** The user's name, or how the journal calls the token or the owner of the local socket. */
  name: string;
  role: Role;
  via: Via;
};

/** A notification that was given up. */
export type DeadLetter = {
  alarm: number | null;
  class: Class;
  given_up: Time;
  promised: Time;
  reason: string;
  seq: number;
  summary: string;
};

/** How many connections were closed. */
export type Disconnected = {
  /** Whether that is stored already. */
  committed: boolean;
  connections: number;
  node: string;
  /** Its entry in the journal. */
  seq: number;
};

/** An order was carried out. */
export type Done = {
  /** Whether that is stored already. If not, the disk is slow; the order holds all the same. */
  committed: boolean;
  /** Its entry in the journal. */
  seq: number;
};

export type EmailBody = {
  ca_file?: string | null;
  from: string;
  host: string;
  /** The file that holds the password. It is never shown; left out, it stays as it is, and null clears it. */
  password_file?: string | null;
  /** 587 with starttls, 465 with tls and 25 with none, unless it is given. */
  port?: number | null;
  security?: MailSecurity | null;
  to: string[];
  user?: string | null;
};

export type EmailSettings = {
  ca_file: string | null;
  from: string;
  /** Whether a file with a password is named. */
  has_password: boolean;
  host: string;
  port: number;
  security: MailSecurity;
  to: string[];
  user: string | null;
};

/** What somebody sees. */
export type Emergencies = {
  kind: EmergencyKind;
  /** What else there is to say. */
  note?: string | null;
  /** Where: any place, by its name. */
  zone: string;
};

export type EmergencyKind = "fire" | "extreme_weather" | "active_shooter" | "public_safety";

export type Enrolment = "open" | "approve" | "closed";

/** Whether nodes that nobody knows are let in, and which of them wait. */
export type EnrolmentState = {
  /** Those that wait, by address. */
  items: WaitingNode[];
  mode: Enrolment;
  /** Given as `after`, the list goes on from here; nothing: it is at its end. */
  next: number | null;
  /** The same as `items`. */
  waiting: WaitingNode[];
};

/** What is to be known before anybody logs in. */
export type Entrance = {
  /** Whether the building, its nodes and its readings are made up: `poe serve --demo`. */
  demo: boolean;
};

/** An entry of the journal. */
export type Event = {
  alarm: number | null;
  class: Class | null;
  committed: Time | null;
  decided: Time;
  /** Of this entry and the one before: SHA-256. */
  hash: string | null;
  kind: EventKind;
  notified: Time | null;
  received: Time;
  rule: string | null;
  seq: number;
  source: string | null;
  source_kind: SourceKind | null;
  state: AlarmState | null;
  text: string;
  value: number | null;
  who: Who | null;
};

export type EventKind = "alarm.raised" | "alarm.tripped" | "alarm.returned" | "alarm.acknowledged" | "alarm.silenced" | "alarm.reset" | "alarm.asked_again" | "alarm.escalated" | "flood.began" | "flood.ended" | "alarm.quieted" | "alarm.unquieted" | "command.refused" | "observation.began" | "observation.ended" | "suppression.began" | "suppression.ended" | "node.admitted" | "node.late" | "node.back" | "node.moved_maybe" | "node.moved" | "node.retired" | "sensor.kind_changed" | "model.changed" | "rule.changed" | "target.changed" | "notification.promised" | "notification.confirmed" | "notification.failed" | "notification.dead" | "node.approved" | "node.quarantined" | "node.dismissed" | "node.disconnected" | "plan.changed" | "user.added" | "user.changed" | "user.removed" | "token.created" | "token.revoked" | "session.began" | "session.ended" | "login.failed" | "backup.made" | "history.removed" | "history.gap" | "history.damaged" | "history.imported" | "server.started" | "server.stopped" | "clock.set" | "journal.gap";

/** The first account, which is an administrator's. */
export type First = {
  name: string;
  password: string;
  /** From the terminal that the server was started on, or from the file `setup-token` in its data folder. */
  token: string;
};

/** A part of the whole, to the millionth. */
export type Fraction = number;

/** Targets that are told together. */
export type GroupBody = {
  /** Which signals; all of them unless they are given. */
  classes?: Class[] | null;
  /** When, such as `mon-fri 07:00-18:00`; always unless it is given. */
  hours?: string[] | null;
  /** 1 is told first, and unless it is given. */
  level?: number | null;
  /** Needed for a new one; otherwise it is the path's. */
  name?: string | null;
  /** Where, with everything in it; everywhere unless it is given. */
  places?: string[] | null;
  targets: string[];
};

/** How the server is. The counts are those of this run. */
export type Health = {
  /** Connections of nodes. */
  connections: number;
  /** Whether the building, its nodes and its readings are made up: `poe serve --demo`. */
  demo: boolean;
  /** Targets of notifications that fail just now. */
  failing_targets: number;
  /** Whether more alarms come than a person can follow. */
  flood: boolean;
  invalid_frames: number;
  /** The last entry of the journal that is stored. */
  last_seq: number;
  /** Where nodes connect over TCP, as it is bound: `0.0.0.0:1234` and `[::]:1234` are every address of this machine. */
  listen: string[];
  nodes: number;
  readings: number;
  ready: boolean;
  /** Why it is not, a line each. */
  reasons: string[];
  sensors: number;
  /** When this run began. */
  started: Time;
  storage: Storage;
  time: Time;
  /** Where they send datagrams. None, unless it is set. */
  udp: string[];
  version: string;
};

/** What a sensor said in one step. Steps in which it said nothing are left out. */
export type HistoryBucket = {
  /** How many readings there are. */
  count: number;
  /** The latest value. */
  last: number;
  max: number;
  mean: number;
  min: number;
  /** When the step begins. */
  time: Time;
};

/** The disk that the history is on. */
export type HistoryDisk = {
  free_bytes: number;
  /** What is left free for alarms, the journal and the table. */
  kept_free_bytes: number;
  /** Whether there was too little room when it was looked at last, every ten seconds or so: the oldest days go then, whatever the retention, as far as that helps. */
  nearly_full: boolean;
  total_bytes: number;
};

/** How the history stands. */
export type HistoryFigures = {
  batches_waiting: number;
  /** Bytes of files by readings in them. */
  bytes_per_reading: number | null;
  bytes_waiting: number;
  /** Files that were set aside since they are damaged. */
  damaged_files: number;
  disk: HistoryDisk | null;
  files: number;
  oldest: Time | null;
  /** Bytes of files with readings. */
  raw_bytes: number;
  /** Readings in files. */
  readings_sealed: number;
  /** Readings in the log, which are not in files yet. */
  readings_waiting: number;
  retention: HistoryRetention;
  /** Bytes of files with roll-ups. */
  rollup_bytes: number;
  /** How long the oldest of them has waited. */
  sealing_lag_s: number;
};

/** A reading, or what was said in one step. */
export type HistoryItem = HistoryReading | HistoryBucket;

/** A reading as it was. */
export type HistoryReading = {
  /** What the sensor measured then. */
  kind: SensorKind;
  /** What the value meant by the rules that were in force then. */
  status: Status;
  time: Time;
  /** The raw byte. */
  value: number;
};

/** How long what is kept, by the names of the settings. Null: for ever, or however large. */
export type HistoryRetention = {
  /** Readings of older days are removed. */
  history_keep_days: number | null;
  /** The same for single kinds, where that is earlier. */
  history_keep_days_of: KindDays[];
  /** The oldest days are removed while the readings fill more. */
  history_max_gib: number | null;
  /** Minutes and hours of older days are removed. */
  rollup_keep_days: number | null;
};

export type ImageFormat = "svg" | "png" | "jpeg" | "webp";

/** What was imported. */
export type Imported = {
  /** Why, of the first few of them. */
  errors: string[];
  from: Time | null;
  /** What was wrong, and left out. */
  left_out: number;
  /** How many readings, */
  readings: number;
  /** of how many sensors. */
  sensors: number;
  to: Time | null;
};

/** How long readings of one kind are kept. */
export type KindDays = {
  days: number;
  kind: SensorKind;
};

/** Percentiles and worst, beside the limits. */
export type Latency = {
  alarm: SignalLatency;
  trouble: SignalLatency;
};

/** A server-sent event: its lines, joined. After each snapshot, once every reading and every node that is followed has been told as well, comes `current`: what was known before holds again. The contract alone asks for this. */
export type LiveEvent = {
  /** JSON in one line. */
  data: string;
  /** What `data` is: `snapshot` (Snapshot), `event` (Event), `alarm` (Alarm), `node` (Node), `reading` (Reading), `current` (its `time`) and `heartbeat` (its `time`, and whether there is a `flood` of alarms). */
  event: LiveEventKind;
  /** The number of an entry of the journal that is stored: on `event`, and on `alarm` for those who are told of the alarm without the entry that it follows from. */
  id?: string;
};

/** What is told. */
export type LiveEventKind = "snapshot" | "event" | "alarm" | "node" | "reading" | "current" | "heartbeat";

/** Who logs in. */
export type Login = {
  name: string;
  password: string;
};

export type MailSecurity = "starttls" | "tls" | "none";

/** What is done with nodes that nobody knows. */
export type Mode = {
  mode: Enrolment;
};

/** Where a node is now. */
export type MoveTo = {
  /** The address of the node that replaces it. */
  to: string;
};

/** A floor plan that is new. */
export type NewPlan = {
  /** Letters, digits, `.`, `_` and `-`. */
  name: string;
  /** The place that it shows; null: the site. */
  place?: string | null;
  title?: string | null;
};

/** A program that is to ask. */
export type NewToken = {
  /** The places that its bearer sees, with all that is in them; everything, if there are none. */
  buildings?: string[] | null;
  /** When it ends by itself. Without this and `expires_in_days` it never does. */
  expires?: string | null;
  /** The same as a number of days from now. */
  expires_in_days?: number | null;
  name: string;
  role: Role;
};

/** Somebody who is to log in. */
export type NewUser = {
  /** The places that they see, with all that is in them; everything, if there are none. */
  buildings?: string[] | null;
  name: string;
  password: string;
  role: Role;
};

/** A node. */
export type Node = {
  address: string;
  /** Whether somebody said that it is one of ours; until then it is new. */
  approved: boolean;
  /** Nodes speak in plain TCP, which proves nothing: always false as yet. */
  authenticated: boolean;
  connections: number;
  first_seen: Time | null;
  frames: number;
  invalid_frames: number;
  last_seen: Time | null;
  /** What people call it, if somebody gave it a name. */
  name: string | null;
  /** What paths name it by. */
  node: string;
  /** The innermost place that it is in. */
  place: string | null;
  sensors: number;
  supervision: Supervision;
};

/** What an order about a node has done. */
export type NodeDone = {
  /** Whether that is stored already. */
  committed: boolean;
  node: string;
  /** Its entry in the journal. */
  seq: number;
};

/** What is to be said of a node. What is left out stays as it is; null clears it. */
export type NodePatch = {
  /** Silent for so long, it is late; null: as long as the site says. */
  late_s?: number | null;
  name?: string | null;
  /** The place that it is in. */
  place?: string | null;
  port?: string | null;
  /** What feeds it. */
  switch?: string | null;
  /** And for so long, in trouble. */
  trouble_s?: number | null;
};

/** What is out of service, for how long, and why. */
export type OutOfService = {
  minutes: number;
  reason: string;
  /** A sensor by its `ip_id`, a node by its address or name, a place or a switch by its name. */
  source: string;
  source_kind?: SourceKind | null;
};

/** A list, or a part of one. */
export type Page_Alarm = {
  items: Alarm[];
  /** Given as `after`, the list goes on from here; nothing: it is at its end. */
  next: number | null;
};

/** A list, or a part of one. */
export type Page_Event = {
  items: Event[];
  /** Given as `after`, the list goes on from here; nothing: it is at its end. */
  next: number | null;
};

/** A list, or a part of one. */
export type Page_Node = {
  items: Node[];
  /** Given as `after`, the list goes on from here; nothing: it is at its end. */
  next: number | null;
};

/** A list, or a part of one. */
export type Page_Place = {
  items: Place[];
  /** Given as `after`, the list goes on from here; nothing: it is at its end. */
  next: number | null;
};

/** A list, or a part of one. */
export type Page_PlanItem = {
  items: PlanItem[];
  /** Given as `after`, the list goes on from here; nothing: it is at its end. */
  next: number | null;
};

/** A list, or a part of one. */
export type Page_Sensor = {
  items: Sensor[];
  /** Given as `after`, the list goes on from here; nothing: it is at its end. */
  next: number | null;
};

/** A list, or a part of one. */
export type Page_Session = {
  items: Session[];
  /** Given as `after`, the list goes on from here; nothing: it is at its end. */
  next: number | null;
};

/** A list, or a part of one. */
export type Page_Suppression = {
  items: Suppression[];
  /** Given as `after`, the list goes on from here; nothing: it is at its end. */
  next: number | null;
};

/** A list, or a part of one. */
export type Page_Target = {
  items: Target[];
  /** Given as `after`, the list goes on from here; nothing: it is at its end. */
  next: number | null;
};

/** A list, or a part of one. */
export type Page_TargetGroup = {
  items: TargetGroup[];
  /** Given as `after`, the list goes on from here; nothing: it is at its end. */
  next: number | null;
};

/** A list, or a part of one. */
export type Page_Token = {
  items: Token[];
  /** Given as `after`, the list goes on from here; nothing: it is at its end. */
  next: number | null;
};

/** A list, or a part of one. */
export type Page_User = {
  items: User[];
  /** Given as `after`, the list goes on from here; nothing: it is at its end. */
  next: number | null;
};

/** One's own password. */
export type Passwords = {
  new: string;
  old: string;
};

/** A place, and the worst of what is in it. */
export type Place = {
  active: number;
  class: Class | null;
  /** `site`, `building`, `floor`, `zone` or `room`. */
  kind: string;
  name: string;
  nodes: number;
  quiet: number;
  /** The worst state of what is in it and not quiet. */
  state: AlarmState;
  title: string | null;
  unacknowledged: number;
  /** The place that it is in; null: the site. */
  within: string | null;
};

export type PlaceKind = "building" | "floor" | "zone" | "room";

/** Where a node or a sensor is. */
export type PlacementBody = {
  /** A sensor by its `ip_id`, a node by its address or name. */
  source: string;
  source_kind?: SourceKind | null;
  x: Fraction;
  y: Fraction;
};

/** A floor plan and what is on it. */
export type Plan = {
  image: PlanImage | null;
  name: string;
  /** The place that it shows; null: the site. */
  place: string | null;
  placements: PlanPlacement[];
  /** What people call it. */
  title: string | null;
  version: number;
  zones: PlanZone[];
};

/** All of a floor plan but its picture. */
export type PlanBody = {
  /** The place that it shows; null: the site. */
  place?: string | null;
  placements: PlacementBody[];
  title?: string | null;
  zones: PlanZone[];
};

/** The picture of a plan. */
export type PlanImage = {
  bytes: number;
  format: ImageFormat;
  /** The SHA-256 of its bytes. Asked for with `?hash=`, it can be kept for ever. */
  hash: string;
  height: number;
  /** In pixels, or in units of the drawing. */
  width: number;
};

/** A floor plan, without what is on it. */
export type PlanItem = {
  image: PlanImage | null;
  name: string;
  /** The place that it shows; null: the site. */
  place: string | null;
  placement_count: number;
  /** What people call it. */
  title: string | null;
  version: number;
  /** How many zones are outlined, and how many nodes and sensors are placed. */
  zone_count: number;
};

/** Where a node or a sensor is. */
export type PlanPlacement = {
  source: string;
  source_kind: SourceKind;
  x: Fraction;
  y: Fraction;
};

/** A point of the picture, from its upper left corner. */
export type PlanPoint = {
  /** To the right. */
  x: Fraction;
  /** Down. */
  y: Fraction;
};

/** Where a zone is. */
export type PlanZone = {
  corners: PlanPoint[];
  place: string;
};

/** What went wrong (RFC 9457). */
export type Problem = {
  /** What is wrong, and what to try. */
  detail: string;
  /** One line for each thing to mend, where there are many. */
  errors?: string[];
  /** The field of the body, or the parameter, that it is about. */
  field?: string;
  status: number;
  /** The status in words. */
  title: string;
  /** Always `about:blank`: the status says which kind of problem it is. */
  type: string;
};

/** The rules to begin with. */
export type ProfileBody = {
  profile: ProfileName;
};

export type ProfileName = "building" | "iit-2022";

/** How far a value can be trusted. The quality of what waits for approval is `unapproved`. */
export type Quality = "good" | "late" | "lost" | "fault" | "conflict" | "unapproved";

export type Quiet = "shelved" | "suppressed_by_design" | "out_of_service";

/** What is in force now. */
export type Replaced = {
  committed: boolean;
  seq: number;
  version: number;
};

/** What came of it. */
export type Replacement = Replaced | WouldReplace;

export type Role = "viewer" | "operator" | "engineer" | "admin";

/** A rule of the profile. Spans are in seconds; null: never. */
export type Rule = {
  class: Class | null;
  deadband: number;
  escalation_s: number | null;
  from: number;
  kind: SensorKind;
  latching: boolean;
  message: string;
  off_delay_s: number;
  on_delay_s: number;
  priority: number;
  re_alarm_s: number | null;
  rule: string;
  status: string;
  to: number;
  voting: Voting;
};

/** What differs from a rule of the profile, and where. What is null stays as it is further out. */
export type RuleSetting = {
  at_least: number | null;
  at_most: number | null;
  /** A class, or `journal`: it is journalled only. */
  class: string | null;
  deadband: number | null;
  escalation_s: SpanOrNever | null;
  kind: SensorKind | null;
  latching: boolean | null;
  message: string | null;
  off_delay_s: number | null;
  on_delay_s: number | null;
  priority: number | null;
  re_alarm_s: SpanOrNever | null;
  rule: string;
  scope: string | null;
  /** `everywhere`, `place`, `node` or `sensor`. */
  scope_kind: string;
  voting: Voting | null;
};

/** What makes an alarm: the rules of the profile, and the settings that refine them. */
export type Rules = {
  /** The profile's rules, or a page of them. */
  items: Rule[];
  /** Given as `after`, the list goes on from here; nothing: it is at its end. */
  next: number | null;
  profile: ProfileName;
  /** What differs from them, and where. */
  settings: RuleSetting[];
  version: number;
};

export type Seconds = number;

export type SecondsOrNever = number | "never";

/** A sensor and its latest value. */
export type Sensor = {
  id: number;
  /** The node's address and the sensor's number. */
  ip_id: string;
  kind: SensorKind;
  legacy_status: Status | null;
  /** What people call it, if somebody gave it a name. */
  name: string | null;
  node: string;
  /** The innermost place that it is in. */
  place: string | null;
  quality: Quality;
  status: Status | null;
  time: Time | null;
  /** `%`, `degF`, or empty. */
  unit: string;
  /** The raw byte; null until the first reading. */
  value: number | null;
};

/** One of several sensors. */
export type SensorBuckets = {
  ip_id: string;
  items: HistoryBucket[];
};

/** What several sensors said in a range of time. */
export type SensorHistories = {
  from: Time;
  /** The sensors in the order in which they were asked for. */
  items: SensorBuckets[];
  /** Given as `after`, with the same sensors, range and step, the answer goes on from here; null: it is complete. */
  next: string | null;
  step_s: number;
  to: Time;
};

/** What a sensor said in a range of time. */
export type SensorHistory = {
  /** The first moment of the range, */
  from: Time;
  /** The node's address and the sensor's number. */
  ip_id: string;
  items: HistoryItem[];
  /** Given as `after`, with the same range and step, the answer goes on from here; null: it is complete. */
  next: string | null;
  /** How long each step is; null: the items are single readings. */
  step_s: number | null;
  /** and the first after it. */
  to: Time;
};

export type SensorKind = "FIRE" | "SMOKE" | "MOTION" | "HUMIDITY" | "TEMPERATURE" | "WATER";

/** What is to be said of a sensor. What is left out stays as it is; null clears it. */
export type SensorPatch = {
  name?: string | null;
  /** The place that it is in; null: where its node is. */
  place?: string | null;
};

/** A user who has logged in somewhere. */
export type Session = {
  began: Time;
  /** Whether it is the one by which you ask. */
  current: boolean;
  /** When it ends, unless it is used until then. */
  expires: Time;
  /** What paths name it by. */
  id: string;
  last_used: Time;
  /** The address that they logged in from. */
  origin: string;
  user: string;
};

/** What differs from the rule as it is further out. What is left out, or null, stays as it is there. */
export type SettingBody = {
  /** Fulfilled by this value or more, */
  at_least?: number | null;
  /** or by this value or less. */
  at_most?: number | null;
  class?: ClassOrJournal | null;
  /** Once fulfilled, a value must be farther away than this to end it. */
  deadband?: number | null;
  escalation_s?: SecondsOrNever | null;
  kind?: SensorKind | null;
  latching?: boolean | null;
  message?: string | null;
  off_delay_s?: Seconds | null;
  on_delay_s?: Seconds | null;
  /** Within the class, 1 before 9. */
  priority?: number | null;
  re_alarm_s?: SecondsOrNever | null;
  voting?: VotingSetting | null;
};

/** That there is no account yet. */
export type Setup = {
  /** Whether the building, its nodes and its readings are made up: `poe serve --demo`. */
  demo: boolean;
  /** Always true: afterwards nothing is here. */
  needed: boolean;
  /** Whether the setup token that the server has made at its start is still good. If not, a restart makes a new one. */
  token_valid: boolean;
};

/** Several alarms. */
export type SeveralAlarms = {
  /** The numbers of the alarms that somebody has looked at: what was raised meanwhile is not among them. */
  alarms: number[];
};

/** For how long something is kept quiet, and why. */
export type Shelve = {
  /** The building says how many there can be at most. */
  minutes: number;
  reason: string;
};

/** How long signals of one class took from what caused them, beside what they may take. */
export type SignalLatency = {
  limit_of_ours_ms: number;
  limit_of_trade_ms: number;
  received_to_committed: Spread;
  received_to_decided: Spread;
  received_to_notified: Spread;
};

/** What a source is. */
export type SourceKind = "sensor" | "node" | "place" | "switch" | "system";

/** Seconds, or `never`. */
export type SpanOrNever = number | string;

/** Nothing that was never measured is shown as 0 ms. */
export type Spread = {
  count: number;
  p50_ms: number | null;
  p90_ms: number | null;
  p99_ms: number | null;
  worst_ms: number | null;
};

export type Status = "normal" | "warning" | "critical" | "undefined";

/** How storing goes. */
export type Storage = {
  commits: number;
  failed_commits: number;
  /** Latest values that wait to be stored. */
  rows_waiting: number;
  /** For how long nothing could be stored although something waits, in seconds; 0: all is well. */
  stalled_s: number;
  /** Size of the logs of both databases, in bytes. */
  wal_bytes: number;
};

export type Supervision = "good" | "late" | "lost";

/** What keeps alarms quiet, why, and until when. */
export type Suppression = {
  began: Time;
  ends: Time | null;
  id: number;
  kind: Quiet;
  owner: string;
  reason: string;
  /** Only the alarm of this rule. */
  rule: string | null;
  source: string;
  source_kind: SourceKind;
  source_name: string | null;
};

/** Who can be told, and whether it gets through. Where it leads is not told: an address may be as good as a key. */
export type Target = {
  dead: number;
  dead_letters: DeadLetter[];
  /** `email`, `webhook` or `command`. */
  delivery: string;
  failed: number;
  /** Tries that have failed since it last said yes; 0: it is well. */
  failing: number;
  groups: string[];
  last_error: string | null;
  last_error_at: Time | null;
  last_success: Time | null;
  name: string;
  oldest_s: number | null;
  /** Since the start: confirmed, tried in vain, given up. */
  sent: number;
  /** Notifications that it has still to get, and the age of the oldest of these in seconds. */
  waiting: number;
};

/** A way to reach somebody: one of `email`, `webhook` and `command`. */
export type TargetBody = {
  command?: CommandBody | null;
  email?: EmailBody | null;
  expires_s?: Seconds | null;
  /** Needed for a new one; otherwise it is the path's. */
  name?: string | null;
  webhook?: WebhookBody | null;
};

/** Targets that are told together, with what they are told of. */
export type TargetGroup = {
  classes: Class[];
  /** None: always. */
  hours: string[];
  level: number;
  name: string;
  /** None: everywhere. */
  places: string[];
  targets: string[];
};

/** How somebody is reached, without the files that hold secrets. */
export type TargetSettings = {
  command: CommandBody | null;
  email: EmailSettings | null;
  expires_s: Seconds | null;
  name: string;
  webhook: WebhookSettings | null;
};

/** A time as it is written: `2026-03-29T14:03:07.250Z`. */
export type Time = string;

/** What a program shows instead of a password. Its text is told once, to whoever has it made. */
export type Token = {
  /** The places that its bearer sees, with all that is in them; everything, if there are none. */
  buildings: string[];
  created: Time;
  created_by: string;
  expires: Time | null;
  /** What paths name it by; the text of the token begins with it. */
  id: string;
  last_used: Time | null;
  name: string;
  role: Role;
};

/** A test that is under way. What becomes of it is in the journal, after this entry. */
export type UnderWay = {
  committed: boolean;
  seq: number;
  target: string;
};

/** Somebody who logs in with a password. */
export type User = {
  /** The places that they see, with all that is in them; everything, if there are none. */
  buildings: string[];
  created: Time;
  name: string;
  role: Role;
};

/** What is to be different. What is left out stays as it is. */
export type UserChange = {
  /** The places that they see from now on; everything, if there are none. */
  buildings?: string[] | null;
  password?: string | null;
  role?: Role | null;
};

/** By what the server knows who asks. */
export type Via = "session" | "token" | "socket";

/** How many sensors have to agree. */
export type Voting = {
  kind: "single";
} | {
  count: number;
  group: string;
  kind: "coincidence";
  window_s: number;
} | {
  group: string;
  kind: "cross_zone";
  window_s: number;
} | {
  kind: "verification";
};

/** Whose sensors are counted together. */
export type VotingGroup = "node" | "zone";

/** How many sensors have to agree. */
export type VotingSetting = {
  kind: "single";
} | {
  count: number;
  group: VotingGroup;
  kind: "coincidence";
  window_s?: Seconds | null;
} | {
  group: VotingGroup;
  kind: "cross_zone";
  window_s?: Seconds | null;
} | {
  kind: "verification";
};

/** A node that is not let in. */
export type WaitingNode = {
  /** Whether one of its sensors reads what would be an alarm. */
  alarming: boolean;
  connections: number;
  first_seen: Time;
  frames: number;
  last_seen: Time;
  node: string;
  /** Where enrolment is closed, only those that report danger. */
  sensors: WaitingSensor[];
};

/** What a sensor of such a node says. */
export type WaitingSensor = {
  id: number;
  kind: SensorKind;
  /** Always `unapproved`. */
  quality: Quality;
  time: Time | null;
  /** Null as long as it has only announced itself. */
  value: number | null;
};

export type WebhookBody = {
  ca_file?: string | null;
  format?: WebhookFormat | null;
  /** The file that holds the secret. It is never shown; left out, it stays as it is, and null clears it. */
  secret_file?: string | null;
  url: string;
};

export type WebhookFormat = "json" | "ntfy" | "slack" | "cap";

export type WebhookSettings = {
  ca_file: string | null;
  format: WebhookFormat;
  /** Whether a file with a secret is named. */
  has_secret: boolean;
  url: string;
};

/** Who has caused it, and from where. */
export type Who = {
  name: string;
  origin: string;
};

/** What would change. */
export type WouldReplace = {
  /** Each difference as the journal would tell it; none: it is in force already. */
  changes: string[];
  /** The version that it was compared with. */
  version: number;
};

/** What people say of a floor, a zone or a room. */
export type ZoneBody = {
  /** `floor`, `zone` or `room`. */
  kind: PlaceKind;
  /** Needed for a new one; otherwise it is the path's. */
  name?: string | null;
  /** What people read. */
  title?: string | null;
  /** The larger place that it is in; null: the site. */
  within?: string | null;
};

/** What can be asked, with what, and what is answered. */
export interface Operations {
  /** This document: every operation, as the program that answers has it. */
  'GET /api/openapi.json': {
    answer: unknown;
  };
  /** The alarms that are shown, the most important first: by class, by priority, by age. */
  'GET /api/v1/alarms': {
    query: { state?: AlarmState; class?: Class; source?: string; source_kind?: SourceKind; after?: number; limit?: number };
    answer: Page_Alarm;
  };
  /** Somebody has seen these. Those that cannot be acknowledged, or need not be, stay as they are. */
  'POST /api/v1/alarms/acknowledge_all': {
    body: SeveralAlarms;
    answer: Page_Alarm;
  };
  /** The sound of these ends, and nothing else. Those that cannot be silenced, or need not be, stay as they are. */
  'POST /api/v1/alarms/silence_all': {
    body: SeveralAlarms;
    answer: Page_Alarm;
  };
  /** One alarm, also if it has just returned to normal. */
  'GET /api/v1/alarms/{id}': {
    path: { id: number };
    answer: Alarm;
  };
  /** Somebody has seen it. */
  'POST /api/v1/alarms/{id}/acknowledge': {
    path: { id: number };
    answer: Alarm;
  };
  /** Its latch is released, if the condition is gone. */
  'POST /api/v1/alarms/{id}/reset': {
    path: { id: number };
    answer: Alarm;
  };
  /** It is kept quiet for a while. */
  'POST /api/v1/alarms/{id}/shelve': {
    path: { id: number };
    body: Shelve;
    answer: Alarm;
  };
  /** Its sound ends, and nothing else. */
  'POST /api/v1/alarms/{id}/silence': {
    path: { id: number };
    answer: Alarm;
  };
  /** Its shelving ends. */
  'POST /api/v1/alarms/{id}/unshelve': {
    path: { id: number };
    answer: Alarm;
  };
  /** A consistent copy of everything, as a tar: what was shown before the request is in it. It holds all secrets. */
  'GET /api/v1/backup': {
    answer: unknown;
  };
  /** All that people say about the building, as a building file. It says where notifications go and which files hold their secrets, so that it is for those who may change it. */
  'GET /api/v1/building': {
    answer: unknown;
  };
  /** All of it becomes this. With `If-Match`, only if nobody has changed it meanwhile; with `dry_run`, not at all, and what would change is told. */
  'PUT /api/v1/building': {
    query: { dry_run?: boolean };
    body: unknown;
    answer: Replacement;
  };
  /** The site as a whole, then its buildings. */
  'GET /api/v1/buildings': {
    query: { after?: number; limit?: number };
    answer: Page_Place;
  };
  /** Adds a building. */
  'POST /api/v1/buildings': {
    body: BuildingBody;
    answer: Changed;
  };
  /** A building, and the worst of what is in it. The ETag is the version of all that people say about the building. */
  'GET /api/v1/buildings/{name}': {
    path: { name: string };
    answer: Place;
  };
  /** All that is said of a building becomes this. */
  'PUT /api/v1/buildings/{name}': {
    path: { name: string };
    body: BuildingBody;
    answer: Changed;
  };
  /** Removes a building that nothing refers to any more. */
  'DELETE /api/v1/buildings/{name}': {
    path: { name: string };
    answer: Changed;
  };
  /** Raises an alarm by hand. */
  'POST /api/v1/emergencies': {
    body: Emergencies;
    answer: Alarm;
  };
  /** Whether nodes that nobody knows are let in, and which of them wait for somebody to approve them. */
  'GET /api/v1/enrolment': {
    query: { after?: number; limit?: number };
    answer: EnrolmentState;
  };
  /** Changes the mode. With `If-Match`, only if nobody has changed the building meanwhile. */
  'PUT /api/v1/enrolment': {
    body: Mode;
    answer: EnrolmentState;
  };
  /** The journal, the oldest entry first: what comes after an entry, or the last of it. */
  'GET /api/v1/events': {
    query: { after?: number; limit?: number; last?: number; before?: number; kind?: string; class?: Class; source?: string; source_kind?: SourceKind; alarm?: number; who?: string; from?: string; to?: string };
    answer: Page_Event;
  };
  /** Every reading of a range of time as CSV or Parquet, by day, then by sensor, then by time. It is made as it is taken; one that fails is cut, and has no end. */
  'GET /api/v1/export': {
    query: { sensor?: string[]; from?: string; to?: string; format?: string };
    answer: unknown;
  };
  /** Whether the server does its work, what speaks against it, and how much it holds. */
  'GET /api/v1/health': {
    answer: Health;
  };
  /** What several sensors said in a range of time, in steps. */
  'GET /api/v1/history': {
    query: { sensor: string[]; from?: string; to?: string; step: string; after?: string };
    answer: SensorHistories;
  };
  /** What a sensor said in a range of time: its readings, or how many there are in each step, with the lowest, the highest, the mean and the last value. Steps in which it said nothing are left out, so that a gap is a gap. */
  'GET /api/v1/history/{ip_id}': {
    path: { ip_id: string };
    query: { from?: string; to?: string; step?: string; limit?: number; after?: string };
    answer: SensorHistory;
  };
  /** Readings from elsewhere become part of the history, with their times. Everything or nothing is imported, unless the request is lenient, and the same file once, unless it says again. */
  'POST /api/v1/import': {
    query: { format: string; table?: string; first_node?: string; kinds?: string; lenient?: boolean; again?: boolean };
    body: unknown;
    answer: Imported;
  };
  /** How long signals took from what caused them: percentiles and worst since the start, beside the limits. */
  'GET /api/v1/latency': {
    answer: Latency;
  };
  /** What happens, as it happens. First a `snapshot`, then `event`, `alarm`, `node` and `reading`, and a `heartbeat` every 2 s; `current` says that all readings and nodes have been told since the snapshot. With `Last-Event-ID` (or `after`, for those who can set no header) the missed entries come first: as `event`, or as the `alarm` that each is about for those who are not told of entries. */
  'GET /api/v1/live': {
    query: { kind?: string; zone?: string; everywhere?: string; after?: number; for_s?: number };
    answer: unknown;
  };
  /** What everybody may know: whether this is a demo. */
  'GET /api/v1/login': {
    answer: Entrance;
  };
  /** Begins a session. One that the browser had ends. */
  'POST /api/v1/login': {
    body: Login;
    answer: User;
  };
  /** Ends the session by which you ask. */
  'POST /api/v1/logout': {
    answer: void;
  };
  /** The nodes, in the order in which they became known, so that one that is new moves no page. Those that somebody described and that have never been heard come after all others. */
  'GET /api/v1/nodes': {
    query: { after?: number; limit?: number; zone?: string; supervision?: Supervision; approved?: boolean };
    answer: Page_Node;
  };
  /** A node, by its address or its name. */
  'GET /api/v1/nodes/{node}': {
    path: { node: string };
    answer: Node;
  };
  /** Says something of a node. The ETag is the version of all that people say about the building. */
  'PATCH /api/v1/nodes/{node}': {
    path: { node: string };
    body: NodePatch;
    answer: Changed;
  };
  /** Says that a new node is one of ours. */
  'POST /api/v1/nodes/{node}/approve': {
    path: { node: string };
    answer: NodeDone;
  };
  /** Closes its connections. What they have sent is read first; the node may come back at once. */
  'POST /api/v1/nodes/{node}/disconnect': {
    path: { node: string };
    answer: Disconnected;
  };
  /** Takes a node that waits for approval out of the list, until it sends again. */
  'POST /api/v1/nodes/{node}/dismiss': {
    path: { node: string };
    answer: NodeDone;
  };
  /** It was replaced, and what is known of it holds for the new address. */
  'POST /api/v1/nodes/{node}/move': {
    path: { node: string };
    body: MoveTo;
    answer: NodeDone;
  };
  /** It is gone for good, and no longer missed. If it has never been heard, nobody describes it any more either. */
  'POST /api/v1/nodes/{node}/retire': {
    path: { node: string };
    answer: NodeDone;
  };
  /** Changes your own password. All your sessions end, and a new one begins here. */
  'POST /api/v1/password': {
    body: Passwords;
    answer: void;
  };
  /** The floor plans, by name. */
  'GET /api/v1/plans': {
    query: { after?: number; limit?: number };
    answer: Page_PlanItem;
  };
  /** Adds a floor plan that is still empty. */
  'POST /api/v1/plans': {
    body: NewPlan;
    answer: Changed;
  };
  /** A floor plan with what is on it, as far as it is in reach. */
  'GET /api/v1/plans/{name}': {
    path: { name: string };
    answer: Plan;
  };
  /** All of it but the picture becomes this. With `If-Match`, only if nobody has changed it meanwhile. */
  'PUT /api/v1/plans/{name}': {
    path: { name: string };
    body: PlanBody;
    answer: Changed;
  };
  /** Removes a floor plan, and its picture. With `If-Match`, only if nobody has changed it meanwhile. */
  'DELETE /api/v1/plans/{name}': {
    path: { name: string };
    answer: Done;
  };
  /** The picture. */
  'GET /api/v1/plans/{name}/image': {
    path: { name: string };
    query: { hash?: string };
    answer: unknown;
  };
  /** This becomes the picture. A drawing is made harmless; whatever somebody says of a picture, it is what its bytes are. With `If-Match`, only if nobody has changed the plan or its picture meanwhile. */
  'PUT /api/v1/plans/{name}/image': {
    path: { name: string };
    body: unknown;
    answer: Changed;
  };
  /** The plan has no picture any more. With `If-Match`, only if nobody has changed the plan or its picture meanwhile. */
  'DELETE /api/v1/plans/{name}/image': {
    path: { name: string };
    answer: Changed;
  };
  /** Puts the rules of this profile in force; what is set beside them stays. */
  'PUT /api/v1/profile': {
    body: ProfileBody;
    answer: Changed;
  };
  /** The rules of the profile in force, and the settings that refine them. Whoever sees some buildings alone is told of the settings there, and of those that hold everywhere. */
  'GET /api/v1/rules': {
    query: { after?: number; limit?: number };
    answer: Rules;
  };
  /** Sets a rule there: one of the profile, or one of your own. The ETag is the version of all that people say about the building. */
  'PUT /api/v1/rules/{rule}': {
    path: { rule: string };
    query: { place?: string; node?: string; sensor?: string };
    body: SettingBody;
    answer: Changed;
  };
  /** The rule is there again as it is further out. */
  'DELETE /api/v1/rules/{rule}': {
    path: { rule: string };
    query: { place?: string; node?: string; sensor?: string };
    answer: Changed;
  };
  /** The latest value of every sensor, in the order in which they became known. */
  'GET /api/v1/sensors': {
    query: { after?: number; limit?: number; node?: string; zone?: string; kind?: SensorKind; status?: Status; quality?: Quality };
    answer: Page_Sensor;
  };
  /** A sensor, by its key. */
  'GET /api/v1/sensors/{ip_id}': {
    path: { ip_id: string };
    answer: Sensor;
  };
  /** Says something of a sensor. The ETag is the version of all that people say about the building. */
  'PATCH /api/v1/sensors/{ip_id}': {
    path: { ip_id: string };
    body: SensorPatch;
    answer: Changed;
  };
  /** Who you are here, and what you may see and do. */
  'GET /api/v1/session': {
    answer: CurrentSession;
  };
  /** The sessions of everybody, if you are an administrator who sees everything; else your own. */
  'GET /api/v1/sessions': {
    query: { after?: number; limit?: number };
    answer: Page_Session;
  };
  /** Ends a session: its browser has to log in again. */
  'DELETE /api/v1/sessions/{id}': {
    path: { id: string };
    answer: void;
  };
  /** Whether the first account is still to be made. */
  'GET /api/v1/setup': {
    answer: Setup;
  };
  /** Makes the first account, and begins a session for it. */
  'POST /api/v1/setup': {
    body: First;
    answer: User;
  };
  /** What the history holds, how fast new readings become files, how long what is kept, and the room on the disk. */
  'GET /api/v1/storage/history': {
    answer: HistoryFigures;
  };
  /** Those in force, the oldest first. */
  'GET /api/v1/suppressions': {
    query: { after?: number; limit?: number };
    answer: Page_Suppression;
  };
  /** Takes everything of a source out of service for a while. */
  'POST /api/v1/suppressions': {
    body: OutOfService;
    answer: Begun;
  };
  /** Ends one of any kind: it speaks again. */
  'DELETE /api/v1/suppressions/{id}': {
    path: { id: number };
    answer: Done;
  };
  /** The groups, in the order in which people describe them. The ETag is the version of all that people say about the building. */
  'GET /api/v1/target_groups': {
    query: { after?: number; limit?: number };
    answer: Page_TargetGroup;
  };
  /** Adds a group. */
  'POST /api/v1/target_groups': {
    body: GroupBody;
    answer: Changed;
  };
  /** A group. The ETag is the version of all that people say about the building. */
  'GET /api/v1/target_groups/{name}': {
    path: { name: string };
    answer: TargetGroup;
  };
  /** All that is said of a group becomes this. */
  'PUT /api/v1/target_groups/{name}': {
    path: { name: string };
    body: GroupBody;
    answer: Changed;
  };
  /** Removes a group. Its targets stay. */
  'DELETE /api/v1/target_groups/{name}': {
    path: { name: string };
    answer: Changed;
  };
  /** Who can be told, in the order in which people describe them. */
  'GET /api/v1/targets': {
    query: { after?: number; limit?: number };
    answer: Page_Target;
  };
  /** Adds a target. */
  'POST /api/v1/targets': {
    body: TargetBody;
    answer: Changed;
  };
  /** How somebody is reached. The ETag is the version of all that people say about the building. */
  'GET /api/v1/targets/{name}': {
    path: { name: string };
    answer: TargetSettings;
  };
  /** All that is said of a target becomes this, but for the files with secrets, which stay unless they are said. */
  'PUT /api/v1/targets/{name}': {
    path: { name: string };
    body: TargetBody;
    answer: Changed;
  };
  /** Removes a target that is in no group any more. */
  'DELETE /api/v1/targets/{name}': {
    path: { name: string };
    answer: Changed;
  };
  /** Sends it a notification that says nothing. */
  'POST /api/v1/targets/{name}/test': {
    path: { name: string };
    answer: UnderWay;
  };
  /** The tokens, by id. */
  'GET /api/v1/tokens': {
    query: { after?: number; limit?: number };
    answer: Page_Token;
  };
  /** Makes a token. */
  'POST /api/v1/tokens': {
    body: NewToken;
    answer: CreatedToken;
  };
  /** One of them. */
  'GET /api/v1/tokens/{id}': {
    path: { id: string };
    answer: Token;
  };
  /** From now on the token is good for nothing. */
  'DELETE /api/v1/tokens/{id}': {
    path: { id: string };
    answer: void;
  };
  /** The users, by name. */
  'GET /api/v1/users': {
    query: { after?: number; limit?: number };
    answer: Page_User;
  };
  /** Gives somebody an account. */
  'POST /api/v1/users': {
    body: NewUser;
    answer: User;
  };
  /** One of them. */
  'GET /api/v1/users/{name}': {
    path: { name: string };
    answer: User;
  };
  /** Changes an account. Another password, role or reach ends its sessions. With `If-Match`, only if nobody has changed it meanwhile. */
  'PATCH /api/v1/users/{name}': {
    path: { name: string };
    body: UserChange;
    answer: User;
  };
  /** Ends an account, and the user's sessions. With `If-Match`, only if nobody has changed it meanwhile. */
  'DELETE /api/v1/users/{name}': {
    path: { name: string };
    answer: void;
  };
  /** What is smaller than a building: floors, zones and rooms. */
  'GET /api/v1/zones': {
    query: { after?: number; limit?: number };
    answer: Page_Place;
  };
  /** Adds a floor, zone or room. */
  'POST /api/v1/zones': {
    body: ZoneBody;
    answer: Changed;
  };
  /** A floor, zone or room, and the worst of what is in it. The ETag is the version of all that people say about the building. */
  'GET /api/v1/zones/{name}': {
    path: { name: string };
    answer: Place;
  };
  /** All that is said of a floor, zone or room becomes this. */
  'PUT /api/v1/zones/{name}': {
    path: { name: string };
    body: ZoneBody;
    answer: Changed;
  };
  /** Removes a floor, zone or room that nothing refers to any more. */
  'DELETE /api/v1/zones/{name}': {
    path: { name: string };
    answer: Changed;
  };
  /** Whether the process lives: always `ok`. */
  'GET /healthz': {
    answer: unknown;
  };
  /** What the server counts and measures, for Prometheus; OpenMetrics for those who ask for it. */
  'GET /metrics': {
    answer: unknown;
  };
  /** Whether the server does its work. The reasons against it tell of the building's inside: only those who may look into all of it get them, a line each. */
  'GET /readyz': {
    answer: unknown;
  };
}

/** The least role that may ask. */
export const ROLE_OF: { [operation in keyof Operations]: Role | 'nobody' } = {
  'GET /api/openapi.json': 'viewer',
  'GET /api/v1/alarms': 'viewer',
  'POST /api/v1/alarms/acknowledge_all': 'operator',
  'POST /api/v1/alarms/silence_all': 'operator',
  'GET /api/v1/alarms/{id}': 'viewer',
  'POST /api/v1/alarms/{id}/acknowledge': 'operator',
  'POST /api/v1/alarms/{id}/reset': 'operator',
  'POST /api/v1/alarms/{id}/shelve': 'operator',
  'POST /api/v1/alarms/{id}/silence': 'operator',
  'POST /api/v1/alarms/{id}/unshelve': 'operator',
  'GET /api/v1/backup': 'admin',
  'GET /api/v1/building': 'engineer',
  'PUT /api/v1/building': 'engineer',
  'GET /api/v1/buildings': 'viewer',
  'POST /api/v1/buildings': 'engineer',
  'GET /api/v1/buildings/{name}': 'viewer',
  'PUT /api/v1/buildings/{name}': 'engineer',
  'DELETE /api/v1/buildings/{name}': 'engineer',
  'POST /api/v1/emergencies': 'operator',
  'GET /api/v1/enrolment': 'viewer',
  'PUT /api/v1/enrolment': 'engineer',
  'GET /api/v1/events': 'viewer',
  'GET /api/v1/export': 'viewer',
  'GET /api/v1/health': 'viewer',
  'GET /api/v1/history': 'viewer',
  'GET /api/v1/history/{ip_id}': 'viewer',
  'POST /api/v1/import': 'admin',
  'GET /api/v1/latency': 'viewer',
  'GET /api/v1/live': 'viewer',
  'GET /api/v1/login': 'nobody',
  'POST /api/v1/login': 'nobody',
  'POST /api/v1/logout': 'viewer',
  'GET /api/v1/nodes': 'viewer',
  'GET /api/v1/nodes/{node}': 'viewer',
  'PATCH /api/v1/nodes/{node}': 'engineer',
  'POST /api/v1/nodes/{node}/approve': 'operator',
  'POST /api/v1/nodes/{node}/disconnect': 'operator',
  'POST /api/v1/nodes/{node}/dismiss': 'operator',
  'POST /api/v1/nodes/{node}/move': 'engineer',
  'POST /api/v1/nodes/{node}/retire': 'engineer',
  'POST /api/v1/password': 'viewer',
  'GET /api/v1/plans': 'viewer',
  'POST /api/v1/plans': 'engineer',
  'GET /api/v1/plans/{name}': 'viewer',
  'PUT /api/v1/plans/{name}': 'engineer',
  'DELETE /api/v1/plans/{name}': 'engineer',
  'GET /api/v1/plans/{name}/image': 'viewer',
  'PUT /api/v1/plans/{name}/image': 'engineer',
  'DELETE /api/v1/plans/{name}/image': 'engineer',
  'PUT /api/v1/profile': 'engineer',
  'GET /api/v1/rules': 'viewer',
  'PUT /api/v1/rules/{rule}': 'engineer',
  'DELETE /api/v1/rules/{rule}': 'engineer',
  'GET /api/v1/sensors': 'viewer',
  'GET /api/v1/sensors/{ip_id}': 'viewer',
  'PATCH /api/v1/sensors/{ip_id}': 'engineer',
  'GET /api/v1/session': 'viewer',
  'GET /api/v1/sessions': 'viewer',
  'DELETE /api/v1/sessions/{id}': 'viewer',
  'GET /api/v1/setup': 'nobody',
  'POST /api/v1/setup': 'nobody',
  'GET /api/v1/storage/history': 'viewer',
  'GET /api/v1/suppressions': 'viewer',
  'POST /api/v1/suppressions': 'operator',
  'DELETE /api/v1/suppressions/{id}': 'operator',
  'GET /api/v1/target_groups': 'viewer',
  'POST /api/v1/target_groups': 'engineer',
  'GET /api/v1/target_groups/{name}': 'viewer',
  'PUT /api/v1/target_groups/{name}': 'engineer',
  'DELETE /api/v1/target_groups/{name}': 'engineer',
  'GET /api/v1/targets': 'viewer',
  'POST /api/v1/targets': 'engineer',
  'GET /api/v1/targets/{name}': 'engineer',
  'PUT /api/v1/targets/{name}': 'engineer',
  'DELETE /api/v1/targets/{name}': 'engineer',
  'POST /api/v1/targets/{name}/test': 'engineer',
  'GET /api/v1/tokens': 'admin',
  'POST /api/v1/tokens': 'admin',
  'GET /api/v1/tokens/{id}': 'admin',
  'DELETE /api/v1/tokens/{id}': 'admin',
  'GET /api/v1/users': 'admin',
  'POST /api/v1/users': 'admin',
  'GET /api/v1/users/{name}': 'admin',
  'PATCH /api/v1/users/{name}': 'admin',
  'DELETE /api/v1/users/{name}': 'admin',
  'GET /api/v1/zones': 'viewer',
  'POST /api/v1/zones': 'engineer',
  'GET /api/v1/zones/{name}': 'viewer',
  'PUT /api/v1/zones/{name}': 'engineer',
  'DELETE /api/v1/zones/{name}': 'engineer',
  'GET /healthz': 'nobody',
  'GET /metrics': 'viewer',
  'GET /readyz': 'nobody',
};
