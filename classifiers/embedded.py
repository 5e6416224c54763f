"""The shipped model: an int8 ONNX graph with its tokenizer beside it, run by onnxruntime on a few processor threads.

No PyTorch and no transformers: importing them would cost the daemon hundreds of megabytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
from onnxruntime import ExecutionMode, InferenceSession, SessionOptions
from onnxruntime.capi import onnxruntime_pybind11_state as onnx_errors
from tokenizers import Encoding, Tokenizer

from classifiers import BrandContext
from classifiers.clauses import Clauses
from classifiers.heads import COPY_AGAIN, ModelFile, read_heads, revision_of
from classifiers.judgement import Judge
from classifiers.scores import Floats, Integers, Scores, answered, batches_by_length, combine, softmax
from classifiers.text import mask, normalise
from config.errors import ConfigurationError
from config.settings import ClassifierSettings, Topic
from store.records import Assessment

ROUNDING, FIXED = "rounding", "fixed"  # what the weights say of themselves when a batch is not rounded together
_TOGETHER = 8  # texts that such a model reads together: the weights are fetched from memory once for all of them

_LOGITS, _EMBEDDING = "logits", "embedding"
_LONGEST_NAME = 60  # characters of a brand's name that the model is shown beside the text

# onnxruntime's sum and normalisation in one step goes number by number; in two steps they take a fifth of its time.
_SLOWER_FUSION = "SkipLayerNormFusion"

# onnxruntime's errors share no parent of their own; these are what a missing or damaged file raises.
UNREADABLE = (
    onnx_errors.Fail,
    onnx_errors.InvalidArgument,
    onnx_errors.InvalidGraph,
    onnx_errors.InvalidProtobuf,
    onnx_errors.NoSuchFile,
    onnx_errors.NotImplemented,
    onnx_errors.RuntimeException,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A cleaned text, and the brand that it is read for, if any."""

    text: str
    brand: str = ""


class EmbeddedModel:
    """Readings in, scores out; knows nothing of thresholds and rules."""

    def __init__(self, folder: Path, threads: int = 2, batch_size: int | None = None) -> None:
        """Open the model of ``folder``; raise ConfigurationError when a file is missing or damaged."""
        self.file: ModelFile = read_heads(folder)
        self._tokenizer = _open_tokenizer(folder / "tokenizer.json", self.file)
        # One batch to each thread: threads that share a batch wait for each other at every layer.
        self._session = open_session(folder / "model.onnx", threads=1)
        _check_revision(folder, self.file)
        self.together = batch_size or _batch_size(self._session)
        widths = {each.name: each.shape[-1] for each in self._session.get_outputs()}
        self._names = [name for name in (_LOGITS, _EMBEDDING) if name in widths]
        self._widths = [int(widths[name]) for name in self._names]
        _check_columns(folder, self.file, widths.get(_LOGITS))
        self._workers = ThreadPoolExecutor(threads, thread_name_prefix="classifier")

    def scores(self, readings: Sequence[Reading]) -> list[Scores]:
        """Return the scores of each reading, in order; a long text is read in overlapping windows to its end."""
        windows, owners = self._windows(readings)
        lengths = [len(window.ids) for window in windows]
        logits, embeddings = self._outputs(windows, lengths)
        heads = {
            head.name: softmax(logits[:, head.columns], head.temperature) for head in self.file.heads if head.shipped
        }
        branded = np.array([bool(readings[owner].brand) for owner in owners], dtype=np.bool_)
        return combine(answered(heads, branded), owners, lengths, len(readings), embeddings)

    @property
    def has_meaning(self) -> bool:
        """Whether the model also says what a text is about."""
        return _EMBEDDING in self._names

    def embed(self, texts: Sequence[str]) -> Floats:
        """What each text is about, as vectors of length 1, of shape (texts, width)."""
        return np.stack([cast(Floats, each.embedding) for each in self.scores([Reading(normalise(t)) for t in texts])])

    def logits(self, readings: Sequence[Reading]) -> Floats:
        """The bare logits of the first window of each reading, of shape (readings, columns): for fitting."""
        first = self._encode(readings)
        return self._outputs(first, [len(window.ids) for window in first])[0]

    def _windows(self, readings: Sequence[Reading]) -> tuple[list[Encoding], list[int]]:
        """All windows, and for each the place of its reading."""
        windows: list[Encoding] = []
        owners: list[int] = []
        for owner, encoding in enumerate(self._encode(readings)):
            for window in (encoding, *encoding.overflowing):
                windows.append(window)
                owners.append(owner)
        return windows, owners

    def _encode(self, readings: Sequence[Reading]) -> list[Encoding]:
        pairs = [(one.text, one.brand) if one.brand else one.text for one in readings]
        return list(self._tokenizer.encode_batch_fast(pairs))  # without places in the text, which nobody asks for

    def _outputs(self, windows: Sequence[Encoding], lengths: Sequence[int]) -> tuple[Floats, Floats | None]:
        """The logits of each window and, where the model has such an output, its meaning."""
        outputs = [np.zeros((len(windows), width), dtype=np.float32) for width in self._widths]
        batches = list(batches_by_length(lengths, self.together))
        for batch, found in zip(
            batches, self._workers.map(lambda batch: self._run(windows, batch), batches), strict=True
        ):
            for output, part in zip(outputs, found, strict=True):
                output[batch] = part
        return outputs[0], outputs[1] if len(outputs) > 1 else None

    def _run(self, windows: Sequence[Encoding], batch: Integers) -> list[Floats]:
        """The outputs of one batch, padded to its longest window."""
        lengths = [len(windows[index].ids) for index in batch]
        ids, mask, types = np.zeros((3, len(batch), max(lengths)), dtype=np.int64)
        for row, (index, length) in enumerate(zip(batch, lengths, strict=True)):
            ids[row, :length] = windows[index].ids
            types[row, :length] = windows[index].type_ids
            mask[row, :length] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        return cast(list[Floats], self._session.run(self._names, inputs))


class EmbeddedClassifier:
    """The shipped model, or one from our training command, as a ``Classifier``."""

    def __init__(self, folder: Path, settings: ClassifierSettings, topics: Sequence[Topic] = ()) -> None:
        """Open ``folder``; raise ConfigurationError when it is damaged or not of the revision that was asked for."""
        self._model = EmbeddedModel(folder, settings.threads, settings.batch_size)
        self.name = self._model.file.name
        self.revision = self._model.file.revision
        if settings.revision is not None and settings.revision != self.revision:
            raise ConfigurationError(
                f'classifier.revision asks for "{settings.revision}", but {folder} holds "{self.revision}": '
                "set that, or leave the revision out"
            )
        embed = self._model.embed if self._model.has_meaning else None
        self._judge = Judge(self.name, self.revision, settings, topics, embed)

    def assess(self, texts: Sequence[str], brand: BrandContext | None = None) -> list[Assessment]:
        """Return one assessment for each text, in order."""
        scores = self._model.scores(readings_for(texts, brand, marks=self._model.file.marks_names))
        if brand is None:  # relevant to whom?
            scores = [replace(each, relevant=None) for each in scores]
        told = beside_rivals(texts, brand)
        return [self._judge.assess(text, each, *its) for text, each, its in zip(texts, scores, told, strict=True)]


def readings_for(texts: Sequence[str], brand: BrandContext | None, *, marks: bool = False) -> list[Reading]:
    """Clean texts for the model; accounts of the brand and of its rivals become names.

    With ``marks`` the brand's names are marked, and texts are read whole; a model that knows no marks reads them as far
    as they are about the brand.
    """
    if brand is None:
        return [Reading(normalise(text)) for text in texts]
    accounts, clauses, name = _accounts(brand), _clauses(brand), _shown(brand)
    told = clauses.marked if marks else clauses.about_brand
    return [Reading(told(normalise(text, accounts)), name) for text in texts]


def beside_rivals(texts: Sequence[str], brand: BrandContext | None) -> list[tuple[str | None, bool]]:
    """For each text what of it is about the brand, masked, and whether it names a rival or calls its account.

    (None, False) where no rivals are known.
    """
    if brand is None or not brand.competitors:
        return [(None, False)] * len(texts)
    accounts, clauses = _accounts(brand), _clauses(brand)
    masked = [mask(text, accounts) for text in texts]
    return [(clauses.about_brand(text), clauses.name_rival(text)) for text in masked]


def _clauses(brand: BrandContext) -> Clauses:
    return Clauses((_shown(brand), *brand.terms), (rival.removeprefix("@") for rival in brand.competitors))


def _accounts(brand: BrandContext) -> dict[str, str]:
    """The names that stand for the accounts of the brand and of its rivals."""
    rivals = {_account(rival): rival.removeprefix("@") for rival in brand.competitors}
    return rivals | {_account(term): _shown(brand) for term in (brand.name, *brand.terms)}


def _shown(brand: BrandContext) -> str:
    """The brand's name as the model is shown it beside the text."""
    return normalise(brand.name)[:_LONGEST_NAME]


def _account(term: str) -> str:
    """What a term would be as the name of an account: without @ or u/, without spaces, in lower case."""
    return "".join(term.lower().removeprefix("@").removeprefix("u/").split())


def open_session(path: Path, threads: int) -> InferenceSession:
    """Open ONNX weights on ``threads`` processor threads; raise ConfigurationError when that is not possible."""
    options = SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3  # errors; warnings about graph clean-up help nobody
    try:
        return InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=[_SLOWER_FUSION]
        )
    except UNREADABLE as error:
        found = "is not a model that onnxruntime can run" if path.exists() else "is missing"
        raise ConfigurationError(f"the file of weights {path} {found}; {COPY_AGAIN}") from error


def _batch_size(session: InferenceSession) -> int:
    """As many as can be read together with no text's answer depending on the others."""
    return _TOGETHER if session.get_modelmeta().custom_metadata_map.get(ROUNDING) == FIXED else 1


def _check_revision(folder: Path, file: ModelFile) -> None:
    """Weights that changed on their way, or that lie beside the heads of others, would answer something else."""
    found = revision_of(folder / "model.onnx")
    if found != file.revision:
        raise ConfigurationError(
            f"{folder}: model.onnx has the revision {found} and heads.json tells of {file.revision[:40]}, so the "
            f"weights are damaged or another model's; {COPY_AGAIN}"
        )


def _check_columns(folder: Path, file: ModelFile, width: object) -> None:
    told = sum(len(head.labels) for head in file.heads)
    if width != told:
        raise ConfigurationError(
            f"{folder}: model.onnx has {width} columns and heads.json tells of {told}, so they are of two models; "
            "make the folder again with 'python -m classifiers.training'"
        )


def _open_tokenizer(path: Path, file: ModelFile) -> Tokenizer:
    if not path.exists():
        raise ConfigurationError(f"the file of the tokenizer {path} is missing; {COPY_AGAIN}")
    try:
        tokenizer: Tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library has no narrower one for a damaged file
        raise ConfigurationError(f"the file of the tokenizer {path} is damaged; {COPY_AGAIN}") from error
    # Only the text is cut into windows; the brand's name stands beside each of them.
    tokenizer.enable_truncation(file.window_tokens, stride=file.overlap_tokens, strategy="only_first")
    tokenizer.no_padding()
    return tokenizer
