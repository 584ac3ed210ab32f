import { expect, test } from 'vitest';
import { Problem } from '../api/problem';
import { Form } from './form.svelte';

const refuse = (field?: string) => () => Promise.reject(new Problem(422, 'Not like this.', field));

test('what is wrong with a field is told there, and nowhere else', async () => {
  const form = new Form('name', 'password');
  expect(await form.send(refuse('password'))).toBe(false);
  expect(form.error('password')).toBe('Not like this.');
  expect(form.error('name')).toBeUndefined();
  expect(form.rest).toBeUndefined();
});

test('what is wrong with no field, or with one that the form does not have, is told for the whole', async () => {
  const form = new Form('name');
  await form.send(refuse());
  expect(form.rest?.message).toBe('Not like this.');
  await form.send(refuse('elsewhere'));
  expect(form.rest?.message).toBe('Not like this.');
});

test('what is wrong within a field is told at the field', async () => {
  const form = new Form('hours');
  await form.send(refuse('hours[0]'));
  expect(form.error('hours')).toBe('Not like this.');
  expect(form.rest).toBeUndefined();
});

test('a form is sent once at a time', async () => {
  const form = new Form();
  let sent = 0;
  let finish = () => {};
  const slow = () => {
    sent += 1;
    return new Promise<void>((resolve) => (finish = resolve));
  };
  const first = form.send(slow);
  expect(form.isSending).toBe(true);
  expect(await form.send(slow)).toBe(false);
  finish();
  expect(await first).toBe(true);
  expect(sent).toBe(1);
  expect(form.isSending).toBe(false);
});

test('a try that goes well forgets what was wrong before', async () => {
  const form = new Form('name');
  await form.send(refuse('name'));
  expect(await form.send(() => Promise.resolve())).toBe(true);
  expect(form.error('name')).toBeUndefined();
  expect(form.problem).toBeUndefined();
});
