import { beforeEach, expect, test } from 'vitest';
import { Problem } from '../api/problem';
import { Edited, type Begun } from './edited.svelte';

interface Target {
  host: string;
  port: string;
}

/** A server that keeps one target, and wants to be told from which version a change was made. */
class Server {
  now: Begun<Target> = { form: { host: 'mail', port: '25' }, tag: 1 };

  readonly read = () => Promise.resolve(this.now);
  readonly send = (form: Target, tag: unknown) => {
    if (tag !== this.now.tag) return Promise.reject(new Problem(412, 'Not this version.'));
    this.become(form);
    return Promise.resolve();
  };

  become(form: Partial<Target>): void {
    this.now = { form: { ...this.now.form, ...form }, tag: Number(this.now.tag) + 1 };
  }
}

let server: Server;
let edited: Edited<Target>;
const save = () => edited.save(server.send, server.read);

beforeEach(() => {
  server = new Server();
  edited = new Edited({ host: '', port: '' });
  edited.begin(server.now);
});

test('what was changed is known until it is as it was again', () => {
  expect(edited.isChanged).toBe(false);
  edited.form.host = 'post';
  expect(edited.changes).toEqual({ host: 'post' });
  edited.form.host = 'mail';
  expect(edited.isChanged).toBe(false);
});

test('whoever is slower is asked to look, and both changes are kept', async () => {
  edited.form.host = 'post';
  server.become({ port: '587' });
  await expect(save()).rejects.toMatchObject({ status: 412 });
  expect(server.now.form).toEqual({ host: 'mail', port: '587' });
  expect([edited.form, edited.taken, edited.both]).toEqual([{ host: 'post', port: '587' }, ['port'], []]);
  await save();
  expect(server.now.form).toEqual({ host: 'post', port: '587' });
});

test('where both have changed one field, mine stays unless theirs is taken', async () => {
  edited.form.host = 'mine';
  server.become({ host: 'theirs' });
  await expect(save()).rejects.toThrow();
  expect([edited.form.host, edited.both, edited.theirs('host')]).toEqual(['mine', ['host'], 'theirs']);
  edited.take('host');
  expect([edited.form.host, edited.both, edited.isChanged]).toEqual(['theirs', [], false]);
});

test('what both have changed is not forgotten when somebody is faster once more', async () => {
  edited.form.host = 'mine';
  server.become({ host: 'theirs' });
  await expect(save()).rejects.toThrow();
  server.become({ port: '587' });
  await expect(save()).rejects.toThrow();
  expect([edited.both, edited.taken]).toEqual([['host'], ['port']]);
});

test('who has changed nothing of this form is no reason to ask', async () => {
  edited.form.host = 'post';
  server.become({});
  await save();
  expect(server.now.form.host).toBe('post');
  expect(edited.taken).toBeUndefined();
});

test('a failure that is no other version is told as it is', async () => {
  edited.form.host = 'post';
  const refuse = () => Promise.reject(new Problem(422, 'No such host.', 'host'));
  await expect(edited.save(refuse, server.read)).rejects.toMatchObject({ status: 422, field: 'host' });
  expect(edited.form.host).toBe('post');
});
