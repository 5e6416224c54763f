"""``./run.sh bench``: measure everything and print it beside its targets.

Each part runs in a process of its own, so that no part's memory or threads show in another's figures.
"""

from __future__ import annotations

import argparse
import sys
from multiprocessing import get_context

from benchmarks.table import Row, as_table, measure

PARTS = ("classifier", "end_to_end", "replay", "desk", "digest", "program")


def main(argv: list[str] | None = None) -> None:
    """Measure the parts that are named, or all of them."""
    parser = argparse.ArgumentParser(prog="./run.sh bench", description="Measures, and prints what targets ask beside.")
    parser.add_argument("part", nargs="*", help=f"{', '.join(PARTS)}; default: all")
    asked = parser.parse_args(argv).part
    if unknown := [name for name in asked if name not in PARTS]:
        parser.error(f"there is no part {', '.join(unknown)}; known: {', '.join(PARTS)}")
    rows: list[Row] = []
    for name in asked or PARTS:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        with get_context("spawn").Pool(1) as process:
            found = process.apply(measure, (name,))
        print(*(f"  {row.work}: {row.measured}" for row in found), sep="\n", file=sys.stderr, flush=True)
        rows += found
    print(as_table(rows))


if __name__ == "__main__":
    main()
