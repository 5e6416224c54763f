"""``frankly evaluate``: how good a model is on labelled texts, or on what agents made of its answers at the desk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from classifiers import BrandContext, load_classifier
from classifiers.evaluation.answers import answer_of
from classifiers.evaluation.baselines import TfidfBaseline, VaderBaseline
from classifiers.evaluation.candidates import Candidate, ModelCandidate, StoredCandidate
from classifiers.evaluation.heads import NOTHING, known_head, read_label
from classifiers.evaluation.labelled import Labelled, Request, read_labelled
from classifiers.evaluation.report import Report
from classifiers.evaluation.run import Evaluation, differences, evaluate
from classifiers.evaluation.thresholds import check_tunable, choose
from config.errors import UsageError
from config.settings import Settings
from frankly.app import App
from frankly.classifying import check_brand, context_for, section_for
from frankly.progress import bar
from store.corrections import FIELDS, Reviewed
from store.records import OTHER_TOPIC

STORED = "stored"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    model: str | None = None
    against: tuple[str, ...] = ()
    head: str | None = None
    brand: str | None = None
    target: float | None = None


def evaluate_file(
    path: Path, request: Request, asked: Asked, settings: Settings | None, complain: Callable[[str], None]
) -> Report:
    """Evaluate on somebody's file; bad rows are told through ``complain`` and left out."""
    checked(asked)
    if STORED in (asked.model, *asked.against):
        raise UsageError("what was stored can only be compared --from-corrections, not with a file")
    found = read_labelled(path, replace(request, head=asked.head), complain)
    texts = tuple(replace(text, brand=text.brand or asked.brand or "") for text in found.texts)
    remarks = [*_no_brand_of(settings, asked.brand)]
    if found.head == "topic":
        remarks += _no_topics_of(settings, texts)
    report = Report(path.name, found.head, texts, found.bad, (), remarks=tuple(remarks))
    return _evaluated(report, asked, settings)


def _no_brand_of(settings: Settings | None, brand: str | None) -> Iterator[str]:
    """Tell of a brand that nothing is known of, which may be a slip of the pen."""
    if settings is not None and brand is not None and brand not in [one.name for one in settings.brands]:
        yield f'The configuration has no brand "{brand[:60]}", so texts are read for that name alone.'


def _no_topics_of(settings: Settings | None, texts: Sequence[Labelled]) -> Iterator[str]:
    """Tell of labels that nobody can give, because no topic of that name is configured."""
    known = {topic.name for topic in settings.topics} if settings else set()
    strange = Counter(text.label for text in texts if text.label not in (*known, OTHER_TOPIC, NOTHING))
    if known and strange:
        named = ", ".join(f'"{label[:40]}" ({count:,})' for label, count in strange.most_common(5))
        more = f" and {len(strange) - 5:,} more" if len(strange) > 5 else ""
        yield f"No topic of that name is configured, so these labels count as wrong: {named}{more}."


def evaluate_corrections(app: App, asked: Asked) -> Report:
    """Evaluate on the agents' corrections: what was said when a mention was heard, or another model on what is left."""
    checked(asked)
    head = asked.head or "complaint"
    if head not in FIELDS:
        raise UsageError(f"agents correct {', '.join(FIELDS)}; there are no corrections of the head {head}")
    models = (asked.model or STORED, *asked.against)
    if TfidfBaseline.name in models:
        raise UsageError("tfidf learns from its texts, and nothing that was collected may train anything; leave it out")
    reviewed = app.store.corrections.reviewed(head, app.clock.now(), brand=asked.brand)
    if not reviewed and asked.brand is not None:
        context_for(app.settings, asked.brand)  # which tells of a brand that nobody knows; one of former days has rows
    texts = [text for one in reviewed if (text := _by_agents(one, head)) is not None]
    remarks = [_remark(reviewed)]
    if set(models) != {STORED}:
        there = [text for text in texts if text.text.strip()]
        gone = len(texts) - len(there)
        remarks.append(f"Left out because the text is gone, so that no model can read it again: {gone:,}.")
        texts = there
    if not texts:
        raise UsageError("there is nothing to evaluate: no agent has worked on a mention whose text is still stored")
    if asked.target is not None:
        remarks.append(
            "Thresholds are only raised here: what lay below them was mostly ignored, and nobody reviewed it."
        )
    report = Report("corrections at the desk", head, tuple(texts), 0, (), remarks=tuple(remarks))
    section = section_for(app.settings, None)
    least = {"complaint_threshold": section.complaint_threshold, "unsure_below": section.unsure_below}
    return _evaluated(report, replace(asked, model=models[0]), app.settings, least)


def checked(asked: Asked) -> None:
    """``UsageError`` for a head that does not exist, a target that is no share, or an empty name."""
    if "" in (asked.model, *asked.against):
        raise UsageError("found an empty name of a model: expected a folder, a name at Hugging Face, vader or tfidf")
    if asked.model in asked.against:
        raise UsageError(f"--against {asked.model} is the model that is measured; name another one to compare it with")
    if asked.brand is not None:
        check_brand(asked.brand)
    if asked.head is not None:
        known_head(asked.head)
    if asked.target is not None and not 0 < asked.target < 1:
        raise UsageError(f"--target-precision takes a share between 0 and 1, such as 0.9; found {asked.target:g}")
    if asked.target is not None and asked.model in (VaderBaseline.name, TfidfBaseline.name):
        raise UsageError(f"--target-precision chooses settings of a model; {asked.model} is only there to compare with")


def _evaluated(
    report: Report, asked: Asked, settings: Settings | None, least: Mapping[str, float] = MappingProxyType({})
) -> Report:
    if asked.target is not None:
        check_tunable(report.head)
    # All are opened before the first text is read: a name that is wrong shall not cost the others' work.
    candidates = [_candidate(name, report.head, settings) for name in (asked.model, *dict.fromkeys(asked.against))]
    first, *others = [_one(candidate, report) for candidate in candidates]
    choice = None
    if asked.target is not None:
        unsure_below = section_for(settings, None).unsure_below
        choice = choose(report.texts, first.answers, report.head, asked.target, unsure_below, least)
    return replace(
        report,
        evaluations=(first, *others),
        differences=tuple((each.name, differences(first, each, report.texts, report.head)) for each in others),
        choice=choice,
    )


def _one(candidate: Candidate, report: Report) -> Evaluation:
    with bar(candidate.name, len(report.texts)) as advance:
        return evaluate(candidate, report.texts, report.head, advance)


def _candidate(name: str | None, head: str, settings: Settings | None) -> Candidate:
    if name == STORED:
        return StoredCandidate()
    if name == VaderBaseline.name:
        VaderBaseline.check(head)
        return VaderBaseline()
    if name == TfidfBaseline.name:
        return TfidfBaseline()
    topics = settings.topics if settings else []
    if head == "topic" and not topics:
        raise UsageError("no topics are configured, so no text has any: name yours in frankly.toml")
    section = section_for(settings, name)
    classifier = load_classifier(section, topics)
    # A model that was asked for by name keeps that name in the table: two folders may hold models of one name.
    shown = None if section.model == "embedded" else section.model
    return ModelCandidate(classifier, lambda brand: _context(settings, brand), shown)


def _context(settings: Settings | None, brand: str) -> BrandContext | None:
    """A brand of a file need not be one of the configuration."""
    if not brand:
        return None
    known = settings is not None and brand in [one.name for one in settings.brands]
    return context_for(settings if known else None, brand)


def _by_agents(one: Reviewed, head: str) -> Labelled | None:
    """A mention with the label that agents gave it, or let stand; None where nothing was said of it."""
    said = answer_of(one.assessment, head)
    label = said.label if one.corrected is None and said else read_label(one.corrected or "", head, {})
    if said is None or label is None:
        return None
    return Labelled(one.text, label, one.brand, f"author {one.author_id}", one.assessment)


def _remark(reviewed: Sequence[Reviewed]) -> str:
    corrected = sum(one.corrected is not None for one in reviewed)
    return (
        f"Agents worked on {len(reviewed):,} mentions and spoke on this head of {corrected:,}; for the others what was "
        "said counts as right, because they let it stand. That is weaker than a label, and flatters what was stored."
    )
