"""classifiers understands: text goes in, an assessment comes out; nothing is stored and nothing is sent.

``load_classifier`` opens the operator's model; everything else of frankly only knows the ``Classifier`` protocol.
Importing this package is cheap: onnxruntime, transformers and PyTorch are imported when a model is opened.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from config.errors import ConfigurationError
from config.settings import Brand, ClassifierSettings, Topic
from store.records import Assessment

EMBEDDED = "embedded"  # what the settings call the shipped model
SHIPPED_MODEL = Path(__file__).parent / "model"


@dataclass(frozen=True, slots=True)
class BrandContext:
    """The brand that a text is read for: sentiment is then sentiment towards it."""

    name: str
    terms: tuple[str, ...] = ()  # words and handles that mean the brand
    competitors: tuple[str, ...] = ()

    @classmethod
    def of(cls, brand: Brand) -> BrandContext:
        """What a model is told of a brand of the settings."""
        return cls(brand.name, brand.all_terms(), tuple(brand.competitors))


class Classifier(Protocol):
    """A model with the rules around it."""

    @property
    def name(self) -> str:
        """What the model is called."""
        ...

    @property
    def revision(self) -> str:
        """Which weights they are: changes whenever the model does."""
        ...

    def assess(self, texts: Sequence[str], brand: BrandContext | None = None) -> list[Assessment]:
        """Return one assessment for each text, in order; a text that cannot be judged is unsure, never an error."""
        ...


def load_classifier(settings: ClassifierSettings, topics: Sequence[Topic] = ()) -> Classifier:
    """Open the model that ``settings.model`` names: "embedded", a folder, or a Hugging Face name.

    Raises ConfigurationError when it is missing, damaged, or needs something that is not installed.
    """
    try:
        return _opened(settings, topics)
    except ConfigurationError as error:
        raise ConfigurationError(
            f'the model "{settings.model}" (classifier.model, or --model) cannot be opened: {error}'
        ) from error


def _opened(settings: ClassifierSettings, topics: Sequence[Topic]) -> Classifier:
    folder = SHIPPED_MODEL if settings.model == EMBEDDED else Path(settings.model)
    if settings.model == EMBEDDED or (folder / "heads.json").exists():
        from classifiers.embedded import EmbeddedClassifier

        return EmbeddedClassifier(folder, settings, topics)
    # ONNX weights need no PyTorch, and where others do, we say so; transformers would tell everybody of it.
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    from classifiers.hub import HubClassifier

    return HubClassifier(settings, topics)
