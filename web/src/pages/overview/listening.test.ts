import { expect, test } from 'vitest';
import { simulation, waysIn } from './listening';

const told = (listen: string[], host: string, udp: string[] = []) =>
  waysIn({ listen, udp }, host).map(({ address, reach, isUdp }) => `${address} ${reach}${isUdp ? ' udp' : ''}`);

test('every address of the server is the one by which the page was reached, with the port that is listened at', () => {
  expect(told(['0.0.0.0:1234'], '192.168.1.7')).toEqual(['192.168.1.7:1234 as-this-page']);
  expect(told(['[::]:4321'], 'poe.example')).toEqual(['poe.example:4321 as-this-page']);
  expect(told(['[::]:1234'], '[fd00::7]')).toEqual(['[fd00::7]:1234 as-this-page']);
  expect(told(['0.0.0.0:1234', '[::]:1234'], 'poe')).toEqual(['poe:1234 as-this-page']);
});

test('who looks on the server’s machine is told that others need another address', () => {
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '127.1.2.3']) {
    expect(told(['0.0.0.0:1234'], host)).toEqual([`${host}:1234 by-its-own-address`]);
  }
});

test('an address that only this machine reaches is told as it is, whoever looks', () => {
  for (const host of ['127.0.0.1', '192.168.1.7']) {
    expect(told(['127.0.0.1:1234'], host)).toEqual(['127.0.0.1:1234 this-machine']);
    expect(told(['[::1]:1234'], host)).toEqual(['[::1]:1234 this-machine']);
    expect(told(['[::ffff:127.0.0.1]:1234'], host)).toEqual(['[::ffff:127.0.0.1]:1234 this-machine']);
  }
});

test('an address of the network is told as it is', () => {
  expect(told(['10.0.0.5:1234'], 'localhost')).toEqual(['10.0.0.5:1234 as-this-page']);
});

test('datagrams are told of where they go elsewhere', () => {
  expect(told(['0.0.0.0:1234'], 'poe', ['0.0.0.0:1234'])).toEqual(['poe:1234 as-this-page']);
  expect(told(['0.0.0.0:1234'], 'poe', ['0.0.0.0:1235'])).toEqual([
    'poe:1234 as-this-page',
    'poe:1235 as-this-page udp',
  ]);
  expect(told([], 'poe', ['0.0.0.0:1235'])).toEqual(['poe:1235 as-this-page udp']);
});

test('simulated nodes find the server', () => {
  const command = (listen: string[], host: string) => simulation(waysIn({ listen, udp: ['0.0.0.0:9'] }, host));
  expect(command(['0.0.0.0:1234'], 'localhost')).toBe('poe simulate -c 3');
  expect(command(['127.0.0.1:1234'], '192.168.1.7')).toBe('poe simulate -c 3');
  expect(command(['0.0.0.0:4321'], '[::1]')).toBe('poe simulate -c 3 --connect 127.0.0.1:4321');
  expect(command(['[::1]:4321'], 'localhost')).toBe('poe simulate -c 3 --connect [::1]:4321');
  expect(command(['0.0.0.0:1234'], '192.168.1.7')).toBe('poe simulate -c 3 --connect 192.168.1.7:1234');
  expect(command([], 'localhost')).toBeUndefined();
});
