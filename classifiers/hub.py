"""Any Hugging Face text-classification model, by name or folder, as a ``Classifier``.

ONNX weights (``model.onnx`` or ``onnx/model.onnx``) run as they are on onnxruntime; PyTorch weights run when the
``torch`` extra is installed. Such a model was not made to be told a brand: it reads the text alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from transformers import AutoConfig, AutoTokenizer, PreTrainedTokenizerBase

from classifiers import EMBEDDED, BrandContext
from classifiers.embedded import UNREADABLE, open_session
from classifiers.heads import LABELS, revision_of
from classifiers.judgement import Judge
from classifiers.scores import Floats, Scores, batches_by_length, combine, softmax
from classifiers.text import mask
from config.errors import ConfigurationError
from config.settings import ClassifierSettings, Topic
from store.records import Assessment

_LONGEST_WINDOW = 512  # tokens; models that say more (or nothing) are slow or broken beyond it
_OVERLAP = 32
_ONNX = ("model.onnx", "onnx/model.onnx")
_WANTED = ["*.json", "*.txt", "*.model", "model.onnx*", "onnx/model.onnx*"]
_TORCH_WEIGHTS = ("model.safetensors", "pytorch_model.bin", "model.safetensors.index.json")
_TOKENIZERS = ("tokenizer.json", "vocab.*", "*.model", "*.tiktoken")
_IGNORED = "ignore"
_BELONGS = "expected a text classifier's config.json, tokenizer and weights"
_WHY_NOT_FETCHED: tuple[tuple[type[Exception], str], ...] = (
    (
        HFValidationError,
        "there is no such folder, and no model at Hugging Face can be called so; expected one of the two",
    ),
    (GatedRepoError, "Hugging Face gives it only to whom it admits; ask on the model's page, and set HF_TOKEN"),
    (
        RepositoryNotFoundError,
        "there is neither such a folder nor such a model at Hugging Face; check the name, or set HF_TOKEN where the "
        "model is private",
    ),
    (RevisionNotFoundError, "Hugging Face has no such classifier.revision of it; expected a branch, tag or commit"),
    (
        LocalEntryNotFoundError,
        "there is no such folder, it is not in the cache of Hugging Face's models, and Hugging Face cannot be reached; "
        "name a folder, or let this machine fetch it once (HF_HUB_OFFLINE forbids that where it is set)",
    ),
)  # the narrower kinds first
_USUAL_NAMES = {"neg": "negative", "neu": "neutral", "pos": "positive"}

Inputs = Mapping[str, np.ndarray[Any, np.dtype[np.int64]]]


class _Network(Protocol):
    def __call__(self, inputs: Inputs) -> Floats:
        """Return logits of shape (windows, labels)."""
        ...


class HubClassifier:
    """Somebody else's model with the operator's label map."""

    def __init__(self, settings: ClassifierSettings, topics: Sequence[Topic] = ()) -> None:
        """Open ``settings.model``; raise ConfigurationError when something is missing or a label is not mapped."""
        self.name = settings.model
        folder = _folder(settings)
        config, self._tokenizer = _config(folder), _tokenizer(folder)
        labels = _labels(config)
        self._label_columns = _label_columns(labels, settings.label_map)
        self._independent = config.problem_type == "multi_label_classification"
        self._window = min(self._tokenizer.model_max_length, _positions(config), _LONGEST_WINDOW)
        self._network, self.revision = _weights(folder, settings)
        self._check_columns(len(labels))
        self._batch_size = settings.batch_size or 1
        self._judge = Judge(self.name, self.revision, settings, topics)

    def assess(self, texts: Sequence[str], brand: BrandContext | None = None) -> list[Assessment]:
        """Return one assessment for each text, in order; ``brand`` is not used."""
        if not texts:
            return []
        scores = self._scores([mask(text) for text in texts])
        return [self._judge.assess(text, each) for text, each in zip(texts, scores, strict=True)]

    def _check_columns(self, labels: int) -> None:
        """Let the weights read a word: config.json may be another model's, and a graph need not tell its width."""
        answer = self._network(cast(Inputs, self._tokenizer(["word"], return_tensors="np")))
        if answer.shape[1:] != (labels,):
            found = " x ".join(str(width) for width in answer.shape[1:])
            raise ConfigurationError(
                f"its config.json names {labels} labels, but its weights answer with {found} columns; expected both "
                "of one text classifier"
            )

    def _scores(self, texts: Sequence[str]) -> list[Scores]:
        windows = self._tokenizer(
            list(texts), truncation=True, max_length=self._window, stride=min(_OVERLAP, self._window // 4),
            return_overflowing_tokens=True,
        )  # fmt: skip
        owners = cast(list[int], windows.pop("overflow_to_sample_mapping"))
        lengths = [len(ids) for ids in windows["input_ids"]]
        probabilities = self._probabilities(windows, lengths)
        return combine(self._heads(probabilities), owners, lengths, len(texts))

    def _probabilities(self, windows: Mapping[str, list[list[int]]], lengths: Sequence[int]) -> Floats:
        found: list[tuple[int, Floats]] = []
        for batch in batches_by_length(lengths, self._batch_size):
            rows = {name: [values[index] for index in batch] for name, values in windows.items()}
            logits = self._network(cast(Inputs, self._tokenizer.pad(rows, return_tensors="np")))
            found.extend(zip(batch.tolist(), logits, strict=True))
        logits = np.stack([row for _, row in sorted(found, key=lambda pair: pair[0])])
        return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32) if self._independent else softmax(logits)

    def _heads(self, probabilities: Floats) -> dict[str, Floats]:
        """The model's columns as frankly's heads; several of its labels may mean one of ours."""
        heads = {}
        for head, labels in LABELS.items():
            columns = [self._label_columns.get(label, []) for label in labels]
            if not any(columns):
                continue
            sums = np.stack([probabilities[:, each].sum(axis=1) for each in columns], axis=1)
            if head == "sentiment":
                sums = sums / np.maximum(sums.sum(axis=1, keepdims=True), 1e-9)
            elif not columns[1]:
                sums[:, 1] = 1 - sums[:, 0]
            heads[head] = sums
        return heads


def _folder(settings: ClassifierSettings) -> Path:
    """The model's files on this machine, downloaded when a name is given and they are not there yet."""
    local = Path(settings.model)
    if local.is_dir():
        return local
    if local.exists():
        raise ConfigurationError("it is a file; expected the model's folder")
    if settings.model.strip().casefold() == EMBEDDED:
        raise ConfigurationError(f'there is no such folder; did you mean "{EMBEDDED}"?')
    if local.is_absolute() or settings.model.startswith(".") or settings.model.count("/") > 1:
        raise ConfigurationError("there is no such folder; name another, or a model at Hugging Face")
    try:
        return Path(snapshot_download(settings.model, revision=settings.revision, allow_patterns=_WANTED))
    except Exception as error:  # besides those of its own, whatever the transport below raises
        raise ConfigurationError(_why_not_fetched(error)) from error


def _why_not_fetched(error: Exception) -> str:
    for kind, sentence in _WHY_NOT_FETCHED:
        if isinstance(error, kind):
            return sentence
    cause = error.strerror if isinstance(error, OSError) else None
    return (
        "there is no such folder, and it could not be fetched from Hugging Face "
        f"({cause or 'no sound answer'}); try again later, or name a folder"
    )


def _config(folder: Path) -> Any:
    if not (folder / "config.json").is_file():
        found = "has neither config.json nor heads.json" if any(folder.glob("*")) else "is empty"
        raise ConfigurationError(f"its folder {found}; {_BELONGS}")
    try:
        return AutoConfig.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # whatever reading a damaged file raises
        raise ConfigurationError(
            "its config.json is damaged, or of a kind of model that transformers does not know; copy the model again, "
            "or name another"
        ) from error


def _tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    # Where there is none, transformers makes one that knows no word.
    if not any(file for pattern in _TOKENIZERS for file in folder.glob(pattern)):
        raise ConfigurationError(f"it has no tokenizer, such as tokenizer.json; {_BELONGS}")
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # whatever reading a damaged file raises
        raise ConfigurationError(
            "its tokenizer is damaged, or of a kind that transformers does not know; copy the model again, or name "
            "another"
        ) from error
    if not tokenizer.is_fast:
        raise ConfigurationError("it has no tokenizer.json; only such tokenizers cut long texts into windows")
    if tokenizer.pad_token is None:
        raise ConfigurationError("its tokenizer has no padding token; without one it cannot read several texts at once")
    return cast(PreTrainedTokenizerBase, tokenizer)


def _labels(config: Any) -> list[str]:
    return [str(config.id2label[index]) for index in sorted(config.id2label)]


def _positions(config: Any) -> int:
    """How many tokens the model can take; RoBERTa's kind loses two places to its padding."""
    positions = getattr(config, "max_position_embeddings", None) or _LONGEST_WINDOW
    return int(positions) - 2 if "roberta" in str(config.model_type) else int(positions)


def _label_columns(labels: Sequence[str], label_map: Mapping[str, str]) -> dict[str, list[int]]:
    """Our label -> columns of the model that mean it."""
    ours = {label for head in LABELS.values() for label in head}
    folded = {label.casefold(): meant for label, meant in label_map.items()}  # variables bring theirs without case
    columns: dict[str, list[int]] = {}
    for index, label in enumerate(labels):
        meant = label_map.get(label) or folded.get(label.casefold()) or _USUAL_NAMES.get(label.lower(), label.lower())
        if meant == _IGNORED:
            continue
        if meant not in ours:
            raise ConfigurationError(
                f'its label "{label}" means nothing here; write classifier.label_map for its labels '
                f"({', '.join(labels)}) with words among {', '.join(sorted(ours))} or {_IGNORED}"
            )
        columns.setdefault(meant, []).append(index)
    return columns


def _weights(folder: Path, settings: ClassifierSettings) -> tuple[_Network, str]:
    """The network, and the revision: what the operator named, else a hash of the weights or the hub's commit."""
    onnx = next((folder / name for name in _ONNX if (folder / name).exists()), None)
    if onnx is not None:
        revision = settings.revision or revision_of(onnx)
        return _OnnxNetwork(onnx, settings.threads), revision
    network = _torch_network(settings, folder)
    weights = next((folder / name for name in _TORCH_WEIGHTS if (folder / name).exists()), None)
    if settings.revision or weights is None or not Path(settings.model).is_dir():
        return network, settings.revision or folder.name[:12]  # a snapshot's folder is named after its commit
    return network, revision_of(weights)


class _OnnxNetwork:
    def __init__(self, path: Path, threads: int) -> None:
        self._session = open_session(path, threads)
        self._inputs = [each.name for each in self._session.get_inputs()]

    def __call__(self, inputs: Inputs) -> Floats:
        shape = inputs["input_ids"]
        given = {name: np.asarray(inputs.get(name, np.zeros_like(shape)), dtype=np.int64) for name in self._inputs}
        try:
            return cast(Floats, self._session.run(None, given)[0])
        except UNREADABLE as error:
            raise ConfigurationError(
                "the model's ONNX weights cannot be run on tokens; expected a text classifier"
            ) from error


def _torch_network(settings: ClassifierSettings, folder: Path) -> _Network:
    """PyTorch weights. Without PyTorch transformers raises ImportError or a bare NameError, depending on the call."""
    source = folder if Path(settings.model).is_dir() else settings.model
    try:
        from classifiers.hub_torch import TorchNetwork

        return TorchNetwork(str(source), settings.revision, settings.threads)
    except (ImportError, NameError) as error:
        raise ConfigurationError(
            "it has no ONNX weights, and PyTorch is not installed; install frankly with the 'torch' extra, or name a "
            "model that has onnx/model.onnx"
        ) from error
    except Exception as error:  # whatever reading damaged weights raises
        raise ConfigurationError(
            "it has no weights that can be read, such as onnx/model.onnx or model.safetensors; copy the model again, "
            "or name another"
        ) from error
