#!/usr/bin/env bash
# Runs the Python and the SQL example of docs/notebooks.md on a sweep of a small town.
#
#   tests/notebooks/check.sh NEARFAR
#
# Exit code 77, said loudly, where Python or its packages cannot be had.
set -euo pipefail
nearfar=$(realpath "$1")
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
if ! { python3 -m venv venv && venv/bin/pip install --quiet polars duckdb; } >pip.txt 2>&1; then
    tail -n 5 pip.txt
    echo "!!! NOT CHECKED: no Python with polars and duckdb; the examples of docs/notebooks.md are untested in this run !!!" >&2
    exit 77
fi
cat >town.toml <<'END'
horizon_h = 3.0
start_hour = 11.0
city.side_km = 5.0
demand.orders_per_day = 400
consumers.count = 200
catalogue.skus_per_category = 8
END
cat >fleet.toml <<'END'
scenarios = ["town.toml"]
replications.min = 10
[[factor]]
key = "couriers.count"
values = [3, 6]
END
"$nearfar" sweep fleet.toml --quiet
block() { awk -v lang="$1" '$0 == "```" lang { on = 1; next } $0 == "```" { on = 0 } on' "$here/docs/notebooks.md"; }
block python >example.py
block sql >example.sql
venv/bin/python example.py | tee python.txt
grep -q "share$" python.txt || { echo "the unit is missing"; exit 1; }
venv/bin/python - <<'END' | tee sql.txt
import duckdb, re
for query in open("example.sql").read().split(";"):
    if query.strip():
        print(duckdb.sql(query))
END
# The mean over the runs of a fleet is the one that summary.csv gives.
venv/bin/python - <<'END'
import polars as pl
runs = pl.read_parquet("output/fleet/results.parquet")
mean = runs.filter(pl.col("couriers.count") == 3)["on_time_share"].mean()
summary = pl.read_csv("output/fleet/summary.csv").filter((pl.col("kpi") == "on_time_share") & (pl.col("point") == 0))
assert abs(summary["mean"][0] - mean) < 1e-12, (summary, mean)
END
echo "the examples of docs/notebooks.md run"
