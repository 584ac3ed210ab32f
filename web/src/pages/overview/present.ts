// A screen on a wall is looked at, though nobody touches it.
import { call } from '../../api/call';

/** A session ends after 8 hours without use; half an hour leaves room for many that fail. */
const EVERY_MS = 30 * 60_000;

/** Uses the session now and then, until the function that is given back is called. */
export function stayPresent(): () => void {
  const timer = setInterval(() => void call('GET /api/v1/session').catch(() => {}), EVERY_MS);
  return () => clearInterval(timer);
}
