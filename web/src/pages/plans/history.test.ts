import { expect, it } from 'vitest';
import { begun, redone, stepped, undone } from './history';

it('takes back every step, and does it again', () => {
  const work = stepped(stepped(begun('a'), 'b'), 'c');
  const back = undone(undone(work));
  expect(back.present).toBe('a');
  expect(redone(back).present).toBe('b');
  expect(redone(redone(back))).toEqual(work);
});

it('does nothing where there is nothing to take back or to do again', () => {
  const work = begun('a');
  expect(undone(work)).toBe(work);
  expect(redone(work)).toBe(work);
});

it('forgets what was taken back once somebody goes another way', () => {
  const other = stepped(undone(stepped(begun('a'), 'b')), 'c');
  expect(redone(other)).toBe(other);
  expect(undone(other).present).toBe('a');
});

it('does not grow without end', () => {
  let work = begun(0);
  for (let step = 1; step <= 2_000; step += 1) work = stepped(work, step);
  expect(work.past.length).toBe(500);
  expect(work.present).toBe(2_000);
});
