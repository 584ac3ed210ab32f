import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { operationsOf, type Contract, type Schema } from './contract';
import { curlOf } from './curl';
import { boundsOf, exampleOf, typeOf } from './types';

const contract = JSON.parse(readFileSync('../docs/openapi.json', 'utf8')) as Contract;
const { schemas } = contract.components;
const text = (schema: Schema) =>
  typeOf(schema)
    .map((piece) => piece.text)
    .join('');
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

test('types are told in one line, and names can be followed', () => {
  expect(text({ type: ['string', 'null'] })).toBe('string | null');
  expect(text({ oneOf: [ref('Class'), { type: 'null' }] })).toBe('Class | null');
  expect(text({ type: 'array', items: ref('Alarm') })).toBe('Alarm[]');
  expect(text({ type: 'array', items: { type: ['string', 'null'] } })).toBe('(string | null)[]');
  expect(text({ type: 'array', items: { enum: ['a', 'b'] } })).toBe('("a" | "b")[]');
  expect(text({ enum: ['building', 'iit-2022'] })).toBe('"building" | "iit-2022"');
  expect(text({ type: 'object', properties: { a: ref('Time'), b: { type: 'integer' } }, required: ['a'] })).toBe(
    '{ a: Time, b?: integer }',
  );
  expect(typeOf(ref('Alarm'))).toEqual([{ text: 'Alarm', schema: 'Alarm' }]);
  expect(typeOf(undefined)).toEqual([{ text: 'anything' }]);
});

test('bounds are told in words', () => {
  expect(boundsOf({ type: 'integer', minimum: 1, maximum: 9 })).toBe('1 to 9');
  expect(boundsOf({ type: 'string', maxLength: 200 })).toBe('200 characters at most');
  expect(boundsOf({ type: 'integer', minimum: 0 })).toBe('');
  expect(boundsOf({ oneOf: [{ type: 'number', maximum: 1 }, { type: 'null' }] })).toBe('1 at most');
});

test('an example has what is required, or else the first thing that can be said', () => {
  const mode: Schema = { enum: ['open', 'closed'] };
  const known: Record<string, Schema> = { Mode: mode };
  const required: Schema = {
    type: 'object',
    required: ['mode', 'reason', 'minutes', 'alarms', 'from'],
    properties: {
      mode: { oneOf: [{ type: 'null' }, ref('Mode')] },
      reason: { type: ['string', 'null'] },
      minutes: { type: 'integer', minimum: 5 },
      alarms: { type: 'array', items: { type: 'integer' } },
      from: { type: 'string', format: 'date-time' },
      note: { type: 'string' },
    },
  };
  expect(exampleOf(required, known)).toEqual({
    mode: 'open',
    reason: 'maintenance',
    minutes: 5,
    alarms: [1],
    from: '2026-03-29T14:03:07.250Z',
  });
  expect(exampleOf({ type: 'object', properties: { title: { type: 'string' }, x: mode } }, known)).toEqual({
    title: 'title',
  });
});

test('a type within itself has an example with an end', () => {
  const place: Schema = { type: 'object', required: ['within'], properties: { within: ref('Place') } };
  expect(JSON.stringify(exampleOf(ref('Place'), { Place: place }))).toContain('null');
});

test('every operation of the contract has an example for the terminal, and none has a quote that is not closed', () => {
  for (const operation of operationsOf(contract)) {
    const curl = curlOf(operation, schemas, 'http://127.0.0.1:8080/');
    expect(curl).toMatch(/^curl -s/);
    expect(curl.replaceAll(`'\\''`, '').split("'").length % 2).toBe(1);
  }
});

test('an example says the method, the token and the body', () => {
  const change = operationsOf(contract).find(({ id }) => id === 'change_enrolment')!;
  expect(curlOf(change, schemas, 'http://127.0.0.1:8080/')).toBe(
    [
      'curl -s -X PUT',
      '-H "Authorization: Bearer $TOKEN"',
      "-H 'Content-Type: application/json'",
      `-d '{"mode":"open"}'`,
      "'http://127.0.0.1:8080/api/v1/enrolment'",
    ].join(' \\\n     '),
  );
});
