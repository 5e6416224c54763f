"""A labelled file as somebody brings it, written and read."""

from __future__ import annotations

from pathlib import Path

from classifiers.evaluation.labelled import LabelledFile, Request, read_labelled


def read(path: Path, content: str | bytes, **options: object) -> tuple[LabelledFile, list[str]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    told: list[str] = []
    return read_labelled(path, Request(**options), told.append), told  # type: ignore[arg-type] # options of several types
