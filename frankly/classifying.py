"""``frankly classify``: the model alone. It works without any configuration, and uses one where there is one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

from classifiers import BrandContext, load_classifier
from classifiers.stream import classify_lines
from config.errors import UsageError
from config.loading import CONFIG_VARIABLE, FILE_NAME, find_config, load_settings
from config.settings import ClassifierSettings, Settings


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
    settings = _settings(config)
    section = settings.classifier if settings else ClassifierSettings()
    if model is not None:
        section = section.model_copy(update={"model": model})
    classifier = load_classifier(section, settings.topics if settings else [])
    bad = 0

    def report(number: int, sentence: str) -> None:
        nonlocal bad
        bad += 1
        complain(f"line {number} {sentence}")

    source = texts if texts else lines
    for line in classify_lines(source, classifier, _context(settings, brand), why=why, report=report):
        out.write(line + "\n")
    return bad


def _settings(config: Path | None) -> Settings | None:
    if config is None and not os.environ.get(CONFIG_VARIABLE) and not Path(FILE_NAME).exists():
        return None
    return load_settings(find_config(config, os.environ), os.environ)


def _context(settings: Settings | None, name: str | None) -> BrandContext | None:
    if name is None:
        return None
    if settings is None:
        return BrandContext(name=name, terms=(name,), competitors=())
    try:
        brand = settings.brand(name)
    except KeyError:
        known = ", ".join(f'"{one.name}"' for one in settings.brands)
        raise UsageError(f'there is no brand "{name}" in the configuration; known: {known}') from None
    return BrandContext(name=brand.name, terms=tuple(brand.terms), competitors=tuple(brand.competitors))
