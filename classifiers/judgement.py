"""From scores to an assessment: the operator's thresholds and the plain rules, the same for every model."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

from classifiers.kind import kind_of
from classifiers.language import LanguageDetector
from classifiers.scores import Floats, Scores
from classifiers.severity import severity_of
from classifiers.text import MASKS, mask
from classifiers.topic import TopicMatcher
from config.settings import ClassifierSettings, Topic
from store.records import Assessment, Sentiment

# Where a rival is named, of the answers that are less sure little more than half are right ("Rivals" in
# docs/training.md).
_SURE_BESIDE_RIVAL = 0.7


class Judge:
    """Turns the scores of a model into assessments."""

    def __init__(
        self,
        name: str,
        revision: str,
        settings: ClassifierSettings,
        topics: Sequence[Topic],
        embed: Callable[[Sequence[str]], Floats] | None = None,
    ) -> None:
        """``embed`` is the model's meaning output, where it has one."""
        self.name = name
        self.revision = revision
        self._threshold = settings.complaint_threshold
        self._unsure_below = settings.unsure_below
        self._languages = frozenset(settings.languages)
        self._detector = LanguageDetector(settings.languages)
        self._topics = TopicMatcher(topics, embed)

    def assess(self, text: str, scores: Scores, told: str | None = None, names_rival: bool = False) -> Assessment:
        """Return the assessment of one text; ``told`` is what of it is about the brand, masked, where that is less."""
        plain = mask(text)
        told = plain if told is None else told
        sentiment = _strongest(scores)
        complaint = None if scores.complaint is None else scores.complaint >= self._threshold
        severity, reasons = severity_of(told, scores, complaint=complaint)
        language = self._detector.detect(plain)
        return Assessment(
            model=self.name,
            revision=self.revision,
            sentiment=sentiment,
            sentiment_scores=scores.sentiment,
            complaint=complaint,
            complaint_score=scores.complaint,
            severity=severity,
            severity_reasons=reasons,
            kind=kind_of(plain, scores, complaint),
            topic=self._topics.match(told, scores.embedding),
            language=language,
            relevant_score=scores.relevant,
            offensive_score=scores.offensive,
            sarcasm_score=scores.sarcasm,
            unsure=self._is_unsure(plain, scores, language, names_rival=names_rival),
        )

    def _is_unsure(self, text: str, scores: Scores, language: str | None, *, names_rival: bool) -> bool:
        """Nothing to read, a language that the model does not or may not know, too little confidence, two minds."""
        if not _says_something(MASKS.sub("", text)):
            return True
        foreign = self._detector.is_foreign(text) if language is None else language not in self._languages
        least = max(self._unsure_below, _SURE_BESIDE_RIVAL) if names_rival else self._unsure_below
        return foreign or scores.confidence(self._threshold) < least or scores.contradictory()


def _says_something(text: str) -> bool:
    """Whether there is a symbol such as an emoji, or more than one letter or figure over and over."""
    first = ""
    for character in text.lower():
        kind = unicodedata.category(character)[0]
        if kind == "S" or (kind in "LN" and first not in ("", character)):
            return True  # nearly always at the second letter
        first = first or (character if kind in "LN" else "")
    return False


def _strongest(scores: Scores) -> Sentiment | None:
    if scores.sentiment is None:
        return None
    return Sentiment(max(scores.sentiment, key=scores.sentiment.__getitem__))
