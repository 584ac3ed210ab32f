import { expect, test, vi } from 'vitest';
import { cell, collect, CSV_HEAD, line } from './file';
import { filterOf } from './filter';
import { sample } from './sample';

test('What has commas, quotes or lines in it is quoted.', () => {
  expect(cell('a, b')).toBe('"a, b"');
  expect(cell('say "why"')).toBe('"say ""why"""');
  expect(cell('two\nlines')).toBe('"two\nlines"');
  expect(cell(null)).toBe('');
  expect(cell(7)).toBe('7');
});

test('What strangers have typed is no formula in a spreadsheet.', () => {
  expect(cell('=HYPERLINK("x")')).toBe(`"'=HYPERLINK(""x"")"`);
  expect(cell('-1+1')).toBe("'-1+1");
  expect(cell(-1)).toBe('-1');
});

test('A line has as many cells as the head, or is the entry itself.', () => {
  const entry = sample({ who: { name: 'anna', origin: '10.0.0.1' } });
  expect(line(entry, 'csv').split(',').length).toBe(CSV_HEAD.split(',').length);
  expect(JSON.parse(line(entry, 'jsonl'))).toEqual(entry);
});

test('All pages are in the file, the oldest entry first.', async () => {
  const given = [
    { items: [sample({ seq: 3 }), sample({ seq: 4 })], next: 3 },
    { items: [sample({ seq: 1 }), sample({ seq: 2 })], next: null },
  ];
  const paths: string[] = [];
  vi.stubGlobal('fetch', (path: string) => {
    paths.push(path);
    const headers = { 'Content-Type': 'application/json' };
    return Promise.resolve(new Response(JSON.stringify(given.shift()), { headers }));
  });
  const filter = filterOf(new URLSearchParams('kind=alarm'));
  const { file, count, isCut } = await collect(filter, 'csv', () => {}, new AbortController().signal);
  const [head, ...lines] = (await file.text()).trimEnd().split('\r\n');
  expect(`${head}\r\n`).toBe(CSV_HEAD);
  expect(lines.map((one) => one.split(',')[0])).toEqual(['1', '2', '3', '4']);
  expect([count, isCut]).toEqual([4, false]);
  expect(paths).toEqual(['api/v1/events?kind=alarm&last=1000', 'api/v1/events?kind=alarm&last=1000&before=3']);
});
