"""``./run.sh bench``: measure everything and print it beside its targets.

Each part runs in a process of its own, so that no part's memory or threads show in another's figures.
"""

from __future__ import annotations

import sys
from multiprocessing import get_context

from benchmarks.table import Row, as_table, measure

PARTS = ("classifier", "end_to_end", "replay", "desk", "digest", "program")


def main(names: list[str]) -> None:
    """Measure the parts that are named, or all of them."""
    rows: list[Row] = []
    for name in names or PARTS:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        with get_context("spawn").Pool(1) as process:
            found = process.apply(measure, (name,))
        print(*(f"  {row.work}: {row.measured}" for row in found), sep="\n", file=sys.stderr, flush=True)
        rows += found
    print(as_table(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
