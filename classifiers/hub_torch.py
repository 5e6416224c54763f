"""PyTorch weights of a Hugging Face model; the only file outside training that imports PyTorch."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification

from classifiers.scores import Floats


class TorchNetwork:
    """A sequence classifier in PyTorch, called with NumPy arrays."""

    def __init__(self, source: str, revision: str | None, threads: int) -> None:
        torch.set_num_threads(threads)
        self._model = AutoModelForSequenceClassification.from_pretrained(source, revision=revision).eval()

    def __call__(self, inputs: Any) -> Floats:
        """Return logits of shape (windows, labels)."""
        tensors = {name: torch.from_numpy(np.asarray(values)) for name, values in inputs.items()}
        with torch.inference_mode():
            return cast(Floats, self._model(**tensors).logits.float().numpy())
