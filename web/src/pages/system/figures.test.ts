import { expect, test } from 'vitest';
import { historyFigures, storageFigures } from './figures';

const storage = { stalled_s: 0, rows_waiting: 12, commits: 5, failed_commits: 0, wal_bytes: 2_048 };
const history = {
  batches_waiting: 0,
  bytes_per_reading: null,
  bytes_waiting: 0,
  damaged_files: 0,
  files: 0,
  oldest: null,
  raw_bytes: 0,
  readings_sealed: 0,
  readings_waiting: 0,
  rollup_bytes: 0,
  sealing_lag_s: 0,
};
const wrong = (figures: { isWrong?: boolean; value: string }[]) =>
  figures.filter(({ isWrong }) => isWrong).map(({ value }) => value);

test('nothing is marked where all is well', () => {
  expect(wrong([...storageFigures(storage), ...historyFigures(history)])).toEqual([]);
});

test('a disk that takes nothing, a failed commit and a damaged file are marked', () => {
  expect(wrong(storageFigures({ ...storage, stalled_s: 75, failed_commits: 3 }))).toEqual(['1 min 15 s', '3']);
  expect(wrong(historyFigures({ ...history, damaged_files: 1 }))).toEqual(['1']);
});
