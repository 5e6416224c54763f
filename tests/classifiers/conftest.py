"""Rows that training is tried on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.classifiers.small_training import write


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Rows of our own in the form of the research sets."""
    folder = tmp_path / "data"
    moods = (("awful broken", "negative"), ("plain", "neutral"), ("lovely", "positive"))
    write(folder, "tweet_sentiment", [
        {"text": f"{word} thing number {n} @someone", "label": label, "split": "val" if n % 5 == 0 else "train"}
        for n in range(60) for word, label in moods
    ])  # fmt: skip
    write(folder, "complaints", [
        {"text": f"{'broken' if n % 2 else 'nice'} order {n}", "label": "complaint" if n % 2 else "other",
         "domain": "retail", "group": str(n)} for n in range(80)
    ])  # fmt: skip
    write(folder, "brand_sentiment", [
        {"text": f"copy {copy} of {n}", "label": "irrelevant" if n % 2 else "positive", "target": "CallOfDuty",
         "group": f"g{n}", "split": "val" if n < 4 else "train"} for n in range(40) for copy in range(3)
    ])  # fmt: skip
    write(folder, "target_sentiment", [
        {"text": f"the wii number {n}", "label": "neutral", "target": "wii"} for n in range(60)
    ])  # fmt: skip
    write(folder, "brand_emotions_dev", [
        {"text": "my lovely @tablet", "label": "Positive emotion", "target": "iPad"},
        {"text": "a plain IPHONE or iPad", "label": "No emotion toward brand or product"},
        {"text": "a plain thing", "label": "No emotion toward brand or product"},
        {"text": "an awful thing of Apple", "label": "Negative emotion"},
        {"text": "what is this", "label": "I can't tell", "target": "Apple"},
    ])  # fmt: skip
    return folder
