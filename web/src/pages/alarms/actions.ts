// What people do about alarms. What the server answers is shown at once, before the feed tells it; what it refuses is told. Where
// somebody else was faster, nobody has made a mistake, and it is told as what it is.
import { call } from '../../api/call';
import { problemOf, type Problem } from '../../api/problem';
import type { Alarm } from '../../api/types';
import { asked } from '../../parts/asked.svelte';
import { alarms, isUnacknowledged } from '../../state/alarms.svelte';
import { places } from '../../state/places.svelte';
import { session } from '../../state/session.svelte';
import { words } from '../../words';
import { isByHand } from './offers';

/** So many can be acknowledged by one request. */
const AT_ONCE_MAX = 1_000;

/** What an alarm is called in a sentence. */
export function naming(alarm: Alarm): string {
  const where = alarm.source_kind === 'place' ? places.where(alarm.source) : (alarm.source_name ?? alarm.source);
  return `${alarm.message}, ${where}`;
}

/** Shows an answer, unless the feed has told of something newer while it was on its way. */
export function take(...answers: Alarm[]): void {
  alarms.change(
    ...answers.filter((answer) => {
      const known = alarms.get(answer.id);
      return known !== undefined && known.since <= answer.since;
    }),
  );
}

/** Who had acknowledged it before, if it was somebody else. */
export function faster(answer: Alarm, me: string | undefined): string | undefined {
  return answer.acknowledged_by !== null && answer.acknowledged_by !== me ? answer.acknowledged_by : undefined;
}

export function acknowledge(alarm: Alarm): Promise<boolean> {
  return carryOut(alarm, async (request) => {
    const answer = await call('POST /api/v1/alarms/{id}/acknowledge', request);
    const name = faster(answer, session.current?.name);
    asked.tell(name ? words.alarms.wasFaster(name) : words.alarms.acknowledged(naming(alarm)));
    return answer;
  });
}

export function silence(alarm: Alarm): Promise<boolean> {
  return carryOut(alarm, async (request) => {
    const answer = await call('POST /api/v1/alarms/{id}/silence', request);
    asked.tell(words.alarms.silenced(naming(alarm)));
    return answer;
  });
}

/** Releases the latch; an emergency that was raised by hand ends by it. */
export function reset(alarm: Alarm): Promise<boolean> {
  return carryOut(alarm, async (request) => {
    const answer = await call('POST /api/v1/alarms/{id}/reset', request);
    const done = isByHand(alarm) ? words.alarms.emergencyEnded : words.alarms.wasReset;
    asked.tell((isUnacknowledged(answer.state) ? words.alarms.stillToSee : done)(naming(alarm)));
    return answer;
  });
}

/** Throws what the server refuses: the dialog that has asked shows it. */
export async function shelve(alarm: Alarm, minutes: number, reason: string): Promise<void> {
  take(await call('POST /api/v1/alarms/{id}/shelve', { path: { id: alarm.id }, body: { minutes, reason } }));
  asked.tell(words.alarms.shelved(naming(alarm)), () => void unshelve(alarm));
}

export function unshelve(alarm: Alarm): Promise<boolean> {
  return carryOut(alarm, async (request) => {
    const answer = await call('POST /api/v1/alarms/{id}/unshelve', request);
    asked.tell(words.alarms.unshelved(naming(alarm)));
    return answer;
  });
}

/** Acknowledges what somebody has looked at. Tells how many of them others had acknowledged before. */
export function acknowledgeAll(these: Alarm[]): Promise<boolean> {
  return together(these, 'POST /api/v1/alarms/acknowledge_all', (answers) => {
    const others = answers.filter((answer) => faster(answer, session.current?.name)).length;
    return others > 0
      ? words.alarms.acknowledgedByOthers(these.length, others)
      : words.alarms.acknowledgedMany(these.length);
  });
}

/** Releases the latches of all of these, one after the other. Whether all went well; what did not is told once. */
export async function resetAll(these: Alarm[]): Promise<boolean> {
  let count = 0;
  let problem: Problem | undefined;
  for (const { id } of these) {
    try {
      take(await call('POST /api/v1/alarms/{id}/reset', { path: { id } }));
      count += 1;
    } catch (thrown) {
      problem = problemOf(thrown);
    }
  }
  if (count > 0) asked.tell(words.alarms.resetMany(count));
  if (problem) asked.fail(problem);
  return problem === undefined;
}

/** Ends the sound of all of these. One that has ended meanwhile is silent, too. */
export async function silenceAll(these: Alarm[]): Promise<boolean> {
  if (these.length > 0) {
    return together(these, 'POST /api/v1/alarms/silence_all', () => words.alarms.silencedMany(these.length));
  }
  asked.tell(words.alarms.nothingToSilence);
  return true;
}

async function together(
  these: Alarm[],
  order: 'POST /api/v1/alarms/acknowledge_all' | 'POST /api/v1/alarms/silence_all',
  done: (answers: Alarm[]) => string,
): Promise<boolean> {
  try {
    const answers: Alarm[] = [];
    for (let from = 0; from < these.length; from += AT_ONCE_MAX) {
      const ids = these.slice(from, from + AT_ONCE_MAX).map((alarm) => alarm.id);
      answers.push(...(await call(order, { body: { alarms: ids } })).items);
    }
    take(...answers);
    asked.tell(done(answers));
    return true;
  } catch (thrown) {
    asked.fail(problemOf(thrown));
    return false;
  }
}

/** Whether an order came too late: the alarm has ended, or is no longer in the state that it was given for. */
function isOvertaken(problem: Problem): boolean {
  return problem.status === 409 || problem.status === 404;
}

async function carryOut(alarm: Alarm, order: (request: { path: { id: number } }) => Promise<Alarm>): Promise<boolean> {
  try {
    take(await order({ path: { id: alarm.id } }));
    return true;
  } catch (thrown) {
    const problem = problemOf(thrown);
    if (!isOvertaken(problem)) {
      asked.fail(problem);
      return false;
    }
    await tellWhatHolds(alarm, problem);
    return false;
  }
}

/** The alarm is no longer as it was shown: shows how it is, and says so. */
async function tellWhatHolds(alarm: Alarm, problem: Problem): Promise<void> {
  const now = await call('GET /api/v1/alarms/{id}', { path: { id: alarm.id } }).catch(() => undefined);
  if (now) take(now);
  else if (problem.status === 404) take({ ...alarm, state: 'normal' });
  const name = now && !isUnacknowledged(now.state) ? faster(now, session.current?.name) : undefined;
  const isSeen = name !== undefined && isUnacknowledged(alarm.state);
  const isGone = !now || now.state === 'normal';
  if (isSeen) asked.tell(words.alarms.wasFaster(name));
  else asked.tell(isGone ? words.alarms.overtaken(problem.message) : problem.message);
}
