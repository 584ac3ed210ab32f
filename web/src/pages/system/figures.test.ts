import { expect, test } from 'vitest';
import type { Health } from '../../api/types';
import { disk, historyFigures, retention, serverFigures, storageFigures } from './figures';

const storage = { stalled_s: 0, rows_waiting: 12, commits: 5, failed_commits: 0, wal_bytes: 2_048 };
const forEver = { history_keep_days: null, history_keep_days_of: [], history_max_gib: null, rollup_keep_days: null };
const roomy = {
  total_bytes: 250 * 2 ** 30,
  free_bytes: 12 * 2 ** 30,
  kept_free_bytes: 2 * 2 ** 30,
  nearly_full: false,
};
const history = {
  batches_waiting: 0,
  bytes_per_reading: null,
  bytes_waiting: 0,
  disk: roomy,
  damaged_files: 0,
  files: 0,
  oldest: null,
  raw_bytes: 0,
  readings_sealed: 0,
  readings_waiting: 0,
  retention: forEver,
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

test('the server tells since when it runs, and where nodes find it', () => {
  const health: Health = {
    connections: 0,
    demo: false,
    failing_targets: 0,
    flood: false,
    invalid_frames: 0,
    last_seq: 1,
    listen: ['[::]:1234', '10.0.0.5:1235'],
    nodes: 0,
    readings: 0,
    ready: true,
    reasons: [],
    sensors: 0,
    started: '2026-03-27T13:00:00Z',
    storage,
    time: '2026-03-29T14:00:00Z',
    udp: [],
    version: '1',
  };
  const values = serverFigures(health).map(({ value }) => value);
  expect(values.some((value) => value.endsWith('(2 d 1 h)'))).toBe(true);
  expect(values).toContain('[::]:1234, 10.0.0.5:1235');
  expect(serverFigures({ ...health, udp: ['0.0.0.0:1236'] }).map(({ value }) => value)).toContain('0.0.0.0:1236');
});

test('how long what is kept is told as it is set', () => {
  expect(retention(forEver)).toBe('Readings stay for ever. Minutes and hours stay for ever.');
  const kept = {
    history_keep_days: 400,
    history_keep_days_of: [{ kind: 'MOTION' as const, days: 1 }],
    history_max_gib: 5,
    rollup_keep_days: 3_650,
  };
  expect(retention(kept)).toBe(
    'Readings stay for 400 days. Those of motion go after 1 day. When they fill more than 5 GiB, the oldest days go. ' +
      'Minutes and hours stay for 3,650 days.',
  );
});

test('the room on the disk is told, and marked where there is too little', () => {
  const enough = disk(roomy);
  expect(enough.text).toContain('12 GiB of 250 GiB on the disk are free; 2 GiB are kept free.');
  expect(enough.isWrong).toBe(false);
  const short = disk({ ...roomy, free_bytes: 1, nearly_full: true });
  expect(short.isWrong).toBe(true);
  expect(short.text).toContain('the oldest days of readings go, as far as that helps');
});
