"""``./run.sh bench``: measure everything and print it beside its targets."""

from __future__ import annotations

import sys

from benchmarks import classifier, desk, digest, end_to_end, program, replay
from benchmarks.table import Row, as_table

PARTS = {
    "classifier": classifier.measure,
    "end_to_end": end_to_end.measure,
    "replay": replay.measure,
    "desk": desk.measure,
    "digest": digest.measure,
    "program": program.measure,
}


def main(names: list[str]) -> None:
    """Measure the parts that are named, or all of them."""
    rows: list[Row] = []
    for name in names or PARTS:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        found = PARTS[name]()
        print(*(f"  {row.work}: {row.measured}" for row in found), sep="\n", file=sys.stderr, flush=True)
        rows += found
    print(as_table(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
