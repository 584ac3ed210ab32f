// The figures of the server, in words, and which of them tell of something wrong.
import type { Health, HistoryDisk, HistoryFigures, HistoryRetention, Storage } from '../../api/types';
import { bytes, count } from '../../parts/numbers';
import { dateTime, span } from '../../parts/times';
import { words } from '../../words';

export interface Figure {
  name: string;
  value: string;
  isWrong?: boolean;
}

export function serverFigures(health: Health): Figure[] {
  const names = words.system.health;
  const uptimeMs = Date.parse(health.time) - Date.parse(health.started);
  return [
    { name: names.version, value: health.version },
    { name: names.time, value: dateTime(health.time) },
    { name: names.started, value: `${dateTime(health.started)} (${span(uptimeMs)})` },
    { name: names.listen, value: health.listen.join(', ') || names.nowhere },
    ...(health.udp.length > 0 ? [{ name: names.udp, value: health.udp.join(', ') }] : []),
    { name: names.nodes, value: count(health.nodes) },
    { name: names.sensors, value: count(health.sensors) },
    { name: names.connections, value: count(health.connections) },
    { name: names.readings, value: count(health.readings) },
    { name: names.invalidFrames, value: count(health.invalid_frames) },
    { name: names.lastSeq, value: count(health.last_seq) },
  ];
}

export function storageFigures(storage: Storage): Figure[] {
  const names = words.system.health;
  const isStalled = storage.stalled_s > 0;
  return [
    {
      name: names.stalled,
      value: isStalled ? span(storage.stalled_s * 1_000) : names.stalledNot,
      isWrong: isStalled,
    },
    { name: names.rowsWaiting, value: count(storage.rows_waiting) },
    { name: names.commits, value: count(storage.commits) },
    { name: names.failedCommits, value: count(storage.failed_commits), isWrong: storage.failed_commits > 0 },
    { name: names.wal, value: bytes(storage.wal_bytes) },
  ];
}

export function historyFigures(history: HistoryFigures): Figure[] {
  const names = words.system.health;
  return [
    { name: names.oldest, value: history.oldest ? dateTime(history.oldest) : names.noReadings },
    { name: names.sealed, value: count(history.readings_sealed) },
    { name: names.waiting, value: `${count(history.readings_waiting)} (${bytes(history.bytes_waiting)})` },
    { name: names.lag, value: span(history.sealing_lag_s * 1_000) },
    { name: names.files, value: count(history.files) },
    { name: names.rawBytes, value: bytes(history.raw_bytes) },
    { name: names.rollupBytes, value: bytes(history.rollup_bytes) },
    { name: names.perReading, value: history.bytes_per_reading?.toFixed(2) ?? words.common.unknown },
    { name: names.damaged, value: count(history.damaged_files), isWrong: history.damaged_files > 0 },
  ];
}

/** How long what is kept, in sentences. */
export function retention(kept: HistoryRetention): string {
  const { keeps } = words.system.health;
  const days = kept.history_keep_days;
  return [
    days === null ? keeps.readingsForEver : keeps.readings(keeps.days(count(days))),
    ...kept.history_keep_days_of.map((of) => keeps.kind(words.common.kinds[of.kind], keeps.days(count(of.days)))),
    ...(kept.history_max_gib === null ? [] : [keeps.most(`${count(kept.history_max_gib)} GiB`)]),
    kept.rollup_keep_days === null ? keeps.rollupsForEver : keeps.rollups(keeps.days(count(kept.rollup_keep_days))),
  ].join(' ');
}

/** What room the disk has, and what becomes of it. */
export function disk(of: HistoryDisk): { text: string; isWrong: boolean } {
  const { room } = words.system.health;
  const figures = room.figures(bytes(of.free_bytes), bytes(of.total_bytes), bytes(of.kept_free_bytes));
  return { text: `${figures} ${of.nearly_full ? room.short : room.enough}`, isWrong: of.nearly_full };
}
