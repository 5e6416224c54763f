"""What a model must beat: counting words with VADER, and a linear model on TF-IDF, learnt from the file itself.

Hutto and Gilbert, "VADER", ICWSM 2014, with its authors' thresholds. TF-IDF with logistic regression answers every text
by cross-validation: the fold that it answers taught it nothing, nor did any text of the same group. Both come with
frankly's ``baselines`` extra and are imported when they are asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from classifiers.evaluation.answers import Answer
from classifiers.evaluation.candidates import Advance
from classifiers.evaluation.labelled import Labelled
from classifiers.text import mask
from config.errors import ConfigurationError, UsageError

FOLDS = 10
_SEED = 20
_WORD_OR_SIGN = r"\w+|[^\w\s]"  # punctuation speaks: "!!!" and "?" carry complaints
_MANY = 200  # texts from which a word that stands in one alone is left out
_VADER_CLEAR = 0.05  # VADER's authors: a compound score beyond this is positive, below its negative negative


class VaderBaseline:
    """A word list with rules. It knows sentiment alone; negative is taken for a complaint."""

    name = "vader"

    def __init__(self) -> None:
        """Load the word list; ``ConfigurationError`` when vaderSentiment is not installed."""
        try:
            from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
        except ImportError as error:
            raise _missing("vader", "vaderSentiment") from error
        self._analyzer: Any = SentimentIntensityAnalyzer()
        self.revision = version("vaderSentiment")
        self.note = ""

    def answers(self, texts: Sequence[Labelled], head: str, advance: Advance) -> list[Answer]:
        """Answer for sentiment or complaint; ``UsageError`` for any other head."""
        self.check(head)
        self.note = "negative is taken for a complaint" if head == "complaint" else ""
        answers = []
        for text in texts:
            answers.append(Answer(self._label(text.text, head)))
            advance(1)
        return answers

    @staticmethod
    def check(head: str) -> None:
        """``UsageError`` for a head that it has no answer for."""
        if head not in ("sentiment", "complaint"):
            raise UsageError(f"vader knows sentiment alone and has no answer for the head {head}")

    def _label(self, text: str, head: str) -> str:
        compound = self._analyzer.polarity_scores(text)["compound"]
        if head == "complaint":
            return "complaint" if compound <= -_VADER_CLEAR else "other"
        if abs(compound) < _VADER_CLEAR:
            return "neutral"
        return "positive" if compound > 0 else "negative"


class TfidfBaseline:
    """TF-IDF of words and pairs of words with logistic regression, ten folds by group."""

    name = "tfidf"

    def __init__(self) -> None:
        """Import scikit-learn; ``ConfigurationError`` when it is not installed."""
        try:
            import sklearn
        except ImportError as error:
            raise _missing("tfidf", "scikit-learn") from error
        self.revision = f"scikit-learn {sklearn.__version__}"
        self.note = ""

    def answers(self, texts: Sequence[Labelled], head: str, advance: Advance) -> list[Answer]:
        """Answer every text by a model that has learnt from the other folds; ``UsageError`` for too small a file."""
        from sklearn.model_selection import GroupKFold

        groups = [text.group for text in texts]
        folds = min(FOLDS, len(set(groups)))
        if folds < 2 or len({text.label for text in texts}) < 2:
            raise UsageError("tfidf learns from the file itself, which needs two labels and two groups at least")
        self.note = f"learnt from this file, {folds} folds by group"
        words = [mask(text.text) for text in texts]
        labels = [text.label for text in texts]
        answers: dict[int, Answer] = {}
        splits = GroupKFold(folds, shuffle=True, random_state=_SEED).split(words, labels, groups)
        for learn, ask in splits:
            answers.update(zip(ask.tolist(), _learnt(words, labels, learn.tolist(), ask.tolist()), strict=True))
            advance(len(ask))
        return [answers[place] for place in range(len(texts))]


def _learnt(words: Sequence[str], labels: Sequence[str], learn: Sequence[int], ask: Sequence[int]) -> list[Answer]:
    """The answers of a model that has learnt from the texts at ``learn`` to those at ``ask``."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    seen = [labels[place] for place in learn]
    if len(set(seen)) == 1:
        return [Answer(seen[0], {seen[0]: 1.0}) for _ in ask]
    rare = 2 if len(learn) >= _MANY else 1
    vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=rare, sublinear_tf=True, token_pattern=_WORD_OR_SIGN)
    model: Any = LogisticRegression(C=4.0, class_weight="balanced", max_iter=1000)
    try:
        model.fit(vectors.fit_transform([words[place] for place in learn]), seen)
    except ValueError as error:
        raise UsageError(f"tfidf finds no words to learn from in the file ({error})") from error
    chances = model.predict_proba(vectors.transform([words[place] for place in ask]))
    names = [str(label) for label in model.classes_]
    shares = [dict(zip(names, map(float, row), strict=True)) for row in chances]
    return [Answer(max(each, key=each.__getitem__), each) for each in shares]


def _missing(baseline: str, package: str) -> ConfigurationError:
    return ConfigurationError(
        f"the baseline {baseline} needs {package}, which is not installed: pip install 'frankly[baselines]'"
    )
