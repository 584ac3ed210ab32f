import { expect, test } from 'vitest';
import type { Target, TargetSettings } from '../../api/types';
import { bodyOf, formOf, stateOf } from './targets';

const target = (of: Partial<Target>) => ({ failing: 0, waiting: 0, last_success: null, ...of }) as Target;
const email: TargetSettings = {
  name: 'janitor',
  email: {
    host: 'mail.local',
    port: 587,
    security: 'starttls',
    from: 'poe@building',
    to: ['janitor@building', 'night@building'],
    user: 'poe',
    has_password: true,
    ca_file: null,
  },
  webhook: null,
  command: null,
  expires_s: 3_600,
};

test('a target that fails is told as such, whatever else it does', () => {
  expect(stateOf(target({ failing: 2, waiting: 3, last_success: '2026-01-01T00:00:00Z' }))).toBe('failing');
  expect(stateOf(target({ waiting: 3 }))).toBe('waiting');
  expect(stateOf(target({ last_success: '2026-01-01T00:00:00Z' }))).toBe('well');
  expect(stateOf(target({}))).toBe('untried');
});

test('a target that is opened and saved unchanged stays what it is, and its password is not mentioned', () => {
  const { has_password: _, ...known } = email.email!;
  expect(bodyOf(formOf(email))).toEqual({ name: 'janitor', expires_s: 3_600, email: known });
});

test('a password can be named and taken away', () => {
  const form = formOf(email);
  expect(bodyOf({ ...form, secret: 'file', secretFile: ' /etc/poe/mail ' }).email?.password_file).toBe('/etc/poe/mail');
  expect(bodyOf({ ...form, secret: 'none' }).email?.password_file).toBeNull();
});

test('each line of a command is one argument, and empty lines are none', () => {
  const form = { ...formOf(undefined), name: 'siren', delivery: 'command' as const, run: '/bin/siren\n\n on \n' };
  expect(bodyOf(form)).toEqual({
    name: 'siren',
    expires_s: null,
    command: { run: ['/bin/siren', 'on'], limit_s: null },
  });
});

test('what is no number is refused at its field', () => {
  expect(() => bodyOf({ ...formOf(email), port: 'smtp' })).toThrow(expect.objectContaining({ field: 'port' }));
});
