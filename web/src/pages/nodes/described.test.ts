import { expect, test } from 'vitest';
import { described } from './described';

const FILE = `# The building "x", version 3 of its description.

[site]
name = "site"
late_s = 10
trouble_s = 30

[[switch]]
name = "core"

[[switch]]
name = "sw-2a"
fed_by = "core"

[[node]]
address = "10.0.0.1"
name = "A \\"quoted\\" = [name]"
switch = "core"
port = "7\\u0009"
late_s = 12.5
trouble_s = 40

[[node]]
address = "10.0.0.2"
`;

test('what is said of a node is read from the file as the server writes it', () => {
  expect(described(FILE, '10.0.0.1')).toEqual({
    switch: 'core',
    port: '7\t',
    late_s: 12.5,
    trouble_s: 40,
    site: { late_s: 10, trouble_s: 30 },
    switches: ['core', 'sw-2a'],
  });
});

test('what is not said is empty', () => {
  const nothing = { switch: '', port: '', late_s: null, trouble_s: null };
  expect(described(FILE, '10.0.0.2')).toMatchObject(nothing);
  expect(described(FILE, '10.0.0.3')).toMatchObject(nothing);
  expect(described('', '10.0.0.3')).toEqual({ ...nothing, site: { late_s: null, trouble_s: null }, switches: [] });
});
