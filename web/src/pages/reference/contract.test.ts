import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  fieldsOf,
  groupsOf,
  operationsOf,
  referencesIn,
  requiredOf,
  searchOperations,
  searchSchemas,
  withNamedItems,
  type Contract,
  type Operation,
} from './contract';

const contract = withNamedItems(JSON.parse(readFileSync('../docs/openapi.json', 'utf8')) as Contract);
const operations = operationsOf(contract);
const ids = (of: Operation[]) => of.map(({ id }) => id);

test('every operation of the contract is in one group, and has a name of its own', () => {
  const grouped = groupsOf(operations).flatMap((group) => group.operations);
  expect(grouped).toHaveLength(operations.length);
  expect(new Set(ids(operations)).size).toBe(operations.length);
  expect(operations.length).toBeGreaterThan(80);
});

test('a search finds by method, path and words, all of which have to be there', () => {
  expect(ids(searchOperations(operations, 'POST  users'))).toContain('add_user');
  expect(ids(searchOperations(operations, 'post users'))).not.toContain('list_users');
  expect(searchOperations(operations, 'no such thing anywhere')).toEqual([]);
  expect(searchOperations(operations, '')).toEqual(operations);
});

test('a search finds types by name and by their fields', () => {
  expect(searchSchemas(contract, 'acknowledged_by')).toContain('Alarm');
  expect(searchSchemas(contract, 'signallat')).toEqual(['SignalLatency']);
});

test('the items of a list have a name', () => {
  expect(contract.components.schemas.Page_Alarm?.properties?.items?.items?.$ref).toMatch(/\/Alarm$/);
});

test('an object that is made of several has the fields of all', () => {
  const token = contract.components.schemas.CreatedToken!;
  expect(Object.keys(fieldsOf(token))).toEqual(expect.arrayContaining(['id', 'token']));
  expect(requiredOf(token)).toContain('token');
});

test('what refers to a type is found however deep it is', () => {
  expect(referencesIn({ a: [{ b: { $ref: '#/components/schemas/Alarm' } }] })).toEqual(new Set(['Alarm']));
});
