"""``frankly classify``: the model alone. It works without any configuration, and uses one where there is one."""

from __future__ import annotations

import os
import queue
import shlex
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TextIO

from classifiers import BrandContext, load_classifier
from classifiers.stream import any_brand, classify_chunks
from config.errors import UsageError
from config.loading import CONFIG_VARIABLE, FILE_NAME, find_config, load_settings
from config.settings import ClassifierSettings, Settings

_AT_ONCE = 512  # lines that the model reads together: its batches then hold texts of like length


def classify_to(
    out: TextIO,
    texts: list[str] | None,
    lines: Iterable[str],
    config: Path | None,
    *,
    brand: str | None,
    why: bool,
    model: str | None,
    complain: Callable[[str], None],
) -> int:
    """Write one JSON object for each text; returns how many lines could not be read."""
    _check_no_files(texts or [])
    settings = settings_if_any(config)
    classifier = load_classifier(section_for(settings, model), settings.topics if settings else [])
    bad = 0

    def report(number: int, sentence: str) -> None:
        nonlocal bad
        bad += 1
        complain(f"{what} {number} {sentence}")

    what, chunks = ("text", [texts]) if texts else ("line", as_they_come(lines))
    default, named = context_for(settings, brand), partial(_brand_called, settings)
    for line in classify_chunks(chunks, classifier, default, brand_called=named, why=why, report=report):
        out.write(line + "\n")
        out.flush()
    return bad


def _check_no_files(texts: list[str]) -> None:
    """``UsageError`` where a text is a file's name: that file was meant, and not its name."""
    for text in texts:
        if os.path.isfile(text):
            raise UsageError(f'"{text}" is a file; to classify its lines: frankly classify < {shlex.quote(text)}')


def as_they_come(lines: Iterable[str]) -> Iterator[list[str]]:
    """Yield the lines that are there already, at most ``_AT_ONCE`` together.

    A file fills every chunk, so the model works at its full rate; whoever writes one line and waits for its answer
    gets it at once. An error of the reading is raised after all lines that came before it.
    """
    waiting: queue.Queue[str | Exception | None] = queue.Queue(maxsize=4 * _AT_ONCE)
    threading.Thread(target=_read_ahead, args=(lines, waiting), daemon=True).start()
    last: str | Exception | None = ""
    while isinstance(last, str):
        chunk = [waiting.get()]
        while len(chunk) < _AT_ONCE and isinstance(chunk[-1], str) and not waiting.empty():
            chunk.append(waiting.get())
        last = chunk[-1]
        found = [line for line in chunk if isinstance(line, str)]
        if found:
            yield found
    if last is not None:
        raise last


def _read_ahead(lines: Iterable[str], waiting: queue.Queue[str | Exception | None]) -> None:
    """Put every line into the queue, and after the last None, or the error that ended the reading."""
    end: Exception | None = None
    try:
        for line in lines:
            waiting.put(line)
    except Exception as error:  # noqa: BLE001  # whatever it is, the thread that waits for lines must hear of it
        end = error
    waiting.put(end)


def settings_if_any(config: Path | None) -> Settings | None:
    """Return the settings that a command was given or that lie here; None where there are none."""
    if config is None and not os.environ.get(CONFIG_VARIABLE) and not Path(FILE_NAME).exists():
        return None
    return load_settings(find_config(config, os.environ), os.environ)


def section_for(settings: Settings | None, model: str | None) -> ClassifierSettings:
    """Return how a model is opened: the configured one, or another by folder or name with the same thresholds.

    ``UsageError`` for an empty name.
    """
    section = settings.classifier_here if settings else ClassifierSettings()
    if model is None or model == section.model:
        return section
    if not model.strip():
        raise UsageError("found an empty name of a model: expected a folder or a name at Hugging Face")
    # A revision is a revision of the configured model alone.
    return section.model_copy(update={"model": model, "revision": None})


def context_for(settings: Settings | None, name: str | None) -> BrandContext | None:
    """Return what a brand's name means; ``UsageError`` for an empty one, or one that the configuration lacks."""
    if name is None:
        return None
    check_brand(name)
    if settings is None:
        return any_brand(name)
    try:
        return BrandContext.of(settings.brand(name))
    except KeyError:
        known = ", ".join(f'"{one.name}"' for one in settings.brands)
        raise UsageError(f'there is no brand "{name}" in the configuration; known: {known}') from None


def _brand_called(settings: Settings | None, name: str) -> BrandContext | None:
    """What the name in a line means, as after --brand; None for one that would be refused there."""
    try:
        return context_for(settings, name)
    except UsageError:
        return None


def check_brand(name: str) -> None:
    """``UsageError`` for a brand without a name."""
    if not name.strip():
        raise UsageError("--brand takes the name of a brand; found an empty one")
