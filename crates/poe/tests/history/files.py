"""Asks the files of a history as DuckDB, Polars and pandas see them. What is asked comes as JSON, and so do the answers."""

import glob
import json
import os
import sys
from datetime import date, datetime, timedelta, timezone

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pyarrow.parquet as pq

RAW = "history/date=*/*.parquet"
STEPS = {"rollups/minute/date=*/*.parquet": "minute", "rollups/hour/month=*/*.parquet": "hour"}


def moment(ms):
    return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=ms)


def number(value):
    return 0 if value is None or value != value else int(value)


def sums(questions):
    """Count, least, greatest and sum for each question, by each of the three programs."""
    frame = pd.concat([pd.read_parquet(path) for path in glob.glob(RAW)])
    lazy = pl.scan_parquet(RAW)
    answers = []
    for node, sensor, begin, end in questions:
        begin, end = moment(begin), moment(end)
        by_duckdb = duckdb.sql(
            f"SELECT count(*), min(value), max(value), sum(value) FROM '{RAW}' WHERE node = '{node}' AND "
            f"sensor = {sensor} AND time >= '{begin.isoformat()}'::TIMESTAMPTZ AND time < '{end.isoformat()}'::TIMESTAMPTZ"
        ).fetchall()[0]
        value = pl.col("value")
        by_polars = (
            lazy.filter(node=node, sensor=sensor)
            .filter((pl.col("time") >= begin) & (pl.col("time") < end))
            .select(pl.len(), value.min().alias("min"), value.max().alias("max"), value.cast(pl.Int64).sum().alias("sum"))
            .collect()
            .row(0)
        )
        some = frame[(frame.node == node) & (frame.sensor == sensor) & (frame.time >= begin) & (frame.time < end)].value
        by_pandas = (len(some), some.min(), some.max(), some.sum())
        answers.append([[number(part) for part in by] for by in (by_duckdb, by_polars, by_pandas)])
    return answers


def folders():
    """How many rows each program finds in each folder that is opened as it is, and how many rows the files have."""
    found = {}
    for folder, files in {"history": RAW, **{files.rsplit("/", 2)[0]: files for files in STEPS}}.items():
        found[folder] = {
            "files": sum(pq.ParquetFile(path).metadata.num_rows for path in glob.glob(files)),
            "DuckDB": duckdb.sql(f"SELECT count(*) FROM read_parquet('{folder}/**')").fetchall()[0][0],
            "Polars": pl.scan_parquet(folder).select(pl.len()).collect().item(),
            "pandas": len(pd.read_parquet(folder)),
            "Arrow": ds.dataset(folder, partitioning="hive").count_rows(),
        }
    return found


def rollups():
    """How many roll-ups of each step there are, and how many are not what the readings say, or are missing."""
    found = {}
    for files, step in STEPS.items():
        parts = f"SELECT time, node, sensor, count, min, max, sum, last, kind FROM '{files}'"
        summed = (
            "SELECT time, node, sensor, sum(count) AS count, min(min) AS min, max(max) AS max, sum(sum) AS sum, "
            f"CASE WHEN count(*) = 1 THEN any_value(last) END AS last FROM ({parts}) GROUP BY ALL"
        )
        raw = (
            f"SELECT time_bucket(INTERVAL 1 {step}, time) AS time, node, sensor, count(*) AS count, min(value) AS min, "
            f"max(value) AS max, sum(value) AS sum, arg_max(value, time) AS last FROM '{RAW}' GROUP BY ALL"
        )
        wrong = (
            f"SELECT count(*) FROM ({summed}) AS r FULL JOIN ({raw}) AS s USING (time, node, sensor) WHERE "
            "r.count IS DISTINCT FROM s.count OR r.min IS DISTINCT FROM s.min OR r.max IS DISTINCT FROM s.max "
            "OR r.sum IS DISTINCT FROM s.sum OR r.last IS NOT NULL AND r.last IS DISTINCT FROM s.last"
        )
        found[step] = [duckdb.sql(f"SELECT count(*) FROM ({parts})").fetchall()[0][0], duckdb.sql(wrong).fetchall()[0][0]]
    return found


def schema():
    """Each column as Parquet has it, of all files of a kind together: there has to be one schema only."""
    found = {}
    for name, files in {"readings": RAW, **{step: files for files, step in STEPS.items()}}.items():
        for path in glob.glob(files):
            columns = pq.ParquetFile(path).schema
            types = [(column.name, column.physical_type, str(column.logical_type)) for column in columns]
            found.setdefault(name, [])
            if types not in found[name]:
                found[name].append(types)
    return found


def order():
    """How many readings do not come after the one before them in their file, by node, sensor and time."""
    wrong = 0
    for path in glob.glob(RAW):
        frame = pl.read_parquet(path).select("node", "sensor", "time")
        last, seen = None, set()
        for node, sensor, time in frame.iter_rows():
            if (node, sensor) != (last and last[:2]):
                wrong += (node, sensor) in seen
                seen.add((node, sensor))
            elif time < last[2]:
                wrong += 1
            last = (node, sensor, time)
    return wrong


def sql(text):
    """The answer of DuckDB, with its columns."""
    answer = duckdb.sql(text)
    return [dict(zip(answer.columns, row)) for row in answer.df().itertuples(index=False, name=None)]


def python(text):
    """What a program leaves behind in the last name that it gives to a table."""
    names = {}
    exec(text, names)
    tables = [table for table in names.values() if isinstance(table, (pl.DataFrame, pd.DataFrame))]
    table = tables[-1]
    return table.to_dicts() if isinstance(table, pl.DataFrame) else table.reset_index().to_dict("records")


def plain(value):
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else str(value)


asked = json.load(sys.stdin)
os.chdir(asked.pop("folder"))
duckdb.sql("SET TimeZone = 'UTC'")
((what, about),) = asked.items()
about = [] if about is None else [about]
answer = globals()[what](*about)
# An example may have printed something before.
print("\n" + json.dumps(answer, default=plain))
