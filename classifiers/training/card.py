"""MODEL_CARD.md: what the weights saw and what they score, from the run that made them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from classifiers.heads import TEACHERS, ModelFile
from classifiers.training.examples import COMPLAINTS, Corpus, shown_per_epoch
from classifiers.training.fit import Recipe
from classifiers.training.hidden import UNITS
from classifiers.training.report import Check, Report
from classifiers.training.sets import OWN_POSTS, Row
from classifiers.training.topics import TopicCheck


@dataclass(frozen=True, slots=True)
class Making:
    """How the weights were made."""

    recipe: Recipe
    teacher: str | None = None  # revision of the model that taught it
    averaged: tuple[str, ...] = ()  # other models in the mean: their revisions, or the files of weights
    start: str | None = None  # revision of the model whose weights it went on from
    larger: str | None = None  # the pretrained encoder of the members, by its folder's name
    learnt_complaints: bool = True  # the encoder may know all of them but the tenth that is judged


def model_card(file: ModelFile, corpus: Corpus, making: Making, report: Report, topics: Sequence[TopicCheck]) -> str:
    """The whole card as Markdown."""
    parts = (
        _head(file, report),
        _seen(corpus, making.recipe),
        _scored(report),
        _topics(topics),
        _limits(report),
        _again(making),
    )
    return "\n".join(parts)


def _head(file: ModelFile, report: Report) -> str:
    heads = "\n".join(f"- {head.name}: {', '.join(head.labels)}" for head in file.heads if head.name not in TEACHERS)
    return f"""# Model card: {file.name}, revision {file.revision}

One MiniLM encoder (all-MiniLM-L6-v2, 22.7 million weights, Apache-2.0: Wang et al., NeurIPS 2020; Reimers and
Gurevych, EMNLP 2019), the mean token vectors of three of its layers beside the last vectors of its first token and of
the marks before the brand's names, and one linear layer over these whose columns are the heads. Grievance has a hidden
layer of {UNITS} units instead (complaint and reproach too where the encoder has learnt no complaints), which reads the
greatest and the least values of those three layers besides. The heads:

{heads}

Beside them stands a second output, a vector of what the text is about: a linear map from the same vectors to the
sentence vector of the encoder before any of this training, by which topics are matched.

Exported to ONNX in int8, rounding set on texts that taught it: {report.megabytes:.1f} MB. A long text is read in
windows of {file.window_tokens} tokens, {file.overlap_tokens} shared by neighbours; sentiment, stance and kind are
their mean, every other head takes its strongest window. With a brand, the model reads the pair (text, brand name),
with a mark before each of the brand's names in the text: then the stance is what it says of sentiment, and a
complaint's score is three quarters the grievance's and one the kind's share of complaints. Without one it reads the
text alone, and sentiment and complaint answer.
Each head has a temperature (`heads.json`), fitted on rows that taught the encoder nothing, where at least 50 are there;
those of complaint and reproach on what heads said of rows that they were fitted without. Rare labels weighed more in
training, so the probabilities stand between how often labels occur in the sets and all being equally likely.

It is meant for finding complaints and the sentiment towards a brand in short public English posts, with a
person behind it. It is not meant for judging people.
"""


def _writers(rows: Mapping[str, Sequence[Row]]) -> set[object]:
    """Who wrote what is here of our own posts."""
    return {row["writer"] for row in rows.get(OWN_POSTS, ())}


def _seen(corpus: Corpus, recipe: Recipe) -> str:
    lines = [
        "## What it saw",
        "",
        "| set | what | rows to draw from | shown in an epoch, at most | licence as published | citation |",
        "|---|---|---|---|---|---|",
    ]
    for one in corpus.sets:
        shown = f"{shown_per_epoch(corpus, one):,}"
        if one.name == COMPLAINTS:
            shown = "all but a tenth; all, for its heads" if recipe.complaints else "all, for its heads"
        drawn = f"{len(corpus.train[one.name]):,} | {shown}"
        lines.append(f"| {one.name} | {one.title} | {drawn} | {one.licence} | {one.citation} |")
    apart = _writers(corpus.val)
    writers = apart | _writers(corpus.train) | _writers(corpus.calibrate)
    lines += [
        "",
        "Nothing that frankly collects was or will be used: the platforms forbid it. From brand_sentiment, whose",
        "originals come in about six altered copies, an epoch draws one copy of each original. `--without SET` trains",
        'without one of them. Sets whose rows are called "never learnt from" below have no stated licence.',
        "Our own posts are about companies that were invented, some with everyday words as names (likeness is",
        "chance), written and labelled for this by language models under instructions (docs/training.md); those",
        f"of {len(apart)} of {len(writers)} writers are kept apart. The heads of complaints, kind, harm,",
        "relevance and stance are fitted last: complaint and reproach to the set of complaints (and complaint to our",
        "own posts, which weigh 0.15), grievance to our own posts and, with half its weight, that set beside a name;",
        "kind and harm to our own posts alone, relevance to these and at most 8,000 rows of brand_sentiment with half",
        "their weight, stance to those of both that have a sentiment and at most 8,000 tweets of tweet_sentiment, each",
        "beside a name that may or may not stand in it. Half of the head of sentiment is fitted to all tweets of that",
        "set.",
        "",
    ]
    return "\n".join(lines)


def _scored(report: Report) -> str:
    return f"""## What it scores

Measured by the command that made it, on validation or held-out rows (split by group) that nothing was learnt from or
fitted on; no test set was read. The set of complaints is judged in float, by heads that were fitted to the encoder on
nine other parts of ten and calibrated on another half; the shipped heads are fitted on all ten. There a grievance is
that head's alone; elsewhere it is judged as it is answered, a quarter of it by the kind. All other rows are judged by
the int8 model. Posts of our own were written for this, so they are like those that taught it in more than
what people write: expect less of strangers' posts. "Commonest" is the macro-F1 of always giving the commonest label.
ECE is the expected calibration error over 15 bins.

{_table(report.checks)}

Speed is timed by `benchmarks/classifier.py`.
"""


def _table(checks: Sequence[Check]) -> str:
    lines = [
        "| head | rows | n | macro-recall | macro-F1 | commonest | accuracy | ECE | recall by label |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for check in checks:
        error = "-" if check.calibration is None else f"{check.calibration:.3f}"
        lines.append(
            f"| {check.head} | {check.rows} | {check.figures.count:,} | {check.figures.macro_recall:.1%} "
            f"| {check.figures.macro_f1:.1%} | {check.commonest_f1:.1%} | {check.figures.accuracy:.1%} "
            f"| {error} | {_recalls(check)} |"
        )
    return "\n".join(lines)


def _recalls(check: Check) -> str:
    return ", ".join(f"{one.label} {one.recall:.0%}" for one in check.figures.classes)


def _topics(topics: Sequence[TopicCheck]) -> str:
    if not topics:
        return ""
    rows = [f"| {each.way} | {each.right:.1%} | {each.wrong:.1%} |" for each in topics]
    table = "\n".join(["| matched by words, then by | right | wrong |", "|---|---|---|", *rows])
    return f"""## Topics

Questions of customers to a bank, 77 intents (Banking77: Casanueva et al., NLP4ConvAI 2020, CC BY 4.0; it taught
nothing). Five questions of each stand for the phrases of a topic; of the others so many were given their own topic,
another, or (the rest) none:

{table}
"""


def _limits(report: Report) -> str:
    left_out = ", ".join(report.left_out)
    silent = (
        f"- Left out, because they do not clearly beat the commonest label: {left_out}; their scores are null\n"
        "  (without stance, sentiment is answered beside a brand too).\n"
        if left_out
        else ""
    )
    return f"""## Limits

{silent}- English only. Another language is detected beside the model and makes the assessment unsure.
- The sets are mostly tweets from 2013 to 2020 with American and British authors; newer words, dialects and other
  trades are less well read. Offensive-language sets are known to be biased against dialects: use that score as a flag.
- Sentiment towards a brand was learnt from 32 brands, most of them games, from invented companies, and from tweets that
  name none. Rows that were never learnt from show what it is worth for other names.
- Scores are calibrated on average over the rows they were fitted on, not for each trade: `frankly evaluate` measures
  them on your own.
"""


def _again(making: Making) -> str:
    recipe = making.recipe
    asked = f" --teacher FOLDER_OF_{making.teacher}" if making.teacher else ""
    asked += "".join(f" --average {_named(other)}" for other in making.averaged)
    asked += f" --continue-from FOLDER_OF_{making.start}" if making.start else ""
    asked += f" --members {recipe.members} --students {recipe.students}" if recipe.members else ""
    asked += f" --members-base FOLDER_OF_{making.larger}" if making.larger else ""
    asked += _members_asked(recipe) if recipe.members else ""
    asked += f" --batch {recipe.batch}" if recipe.batch != Recipe().batch else ""
    asked += " --teach-complaints" if recipe.complaints else ""
    asked += "".join(f" --without {name}" for name in recipe.without)
    asked += " --quick" if recipe.quick else ""
    asked += f" --replayed {recipe.replayed}" if recipe.replayed else ""
    asked += f" --rate {recipe.encoder_rate:g}" if recipe.encoder_rate != Recipe().encoder_rate else ""
    clean = not making.learnt_complaints
    started = _STARTED.format(start=making.start, folds=_FOLDS if clean else _NO_FOLDS) if making.start else ""
    taught = _TAUGHT.format(teacher=making.teacher, known=_UNKNOWN if clean else _KNOWN) if making.teacher else ""
    own = _LARGER.format(larger=making.larger, rate=recipe.members_rate) if making.larger else ""
    students = f"the mean of {recipe.students} networks" if recipe.students > 1 else "a network"
    trained = {
        "epochs": _epochs(recipe.members_epochs),
        "batch": recipe.members_batch,
        "own": own,
        "unlearnt": "any of the set of complaints" if clean else "the tenth of complaints that is judged",
    }
    ensemble = _ENSEMBLE.format(members=recipe.members, students=students, **trained) if recipe.members else ""
    known = _NEITHER if clean else _PERHAPS
    averaged = _AVERAGED.format(others=", ".join(making.averaged), known=known) if making.averaged else ""
    return f"""## Making it again

    ./run.sh train FOLDER_OF_SETS OUTPUT_FOLDER --epochs {recipe.epochs} --seed {recipe.seed}{asked}

The folder holds one `NAME.jsonl.gz` for each set above, an object a line with `text`, `label` (or `labels`), and where
there is one `split`, `target`, `group`. A set that is not there, or is named with `--without`, is left out.
{_epochs(recipe.epochs)}, batches of {recipe.batch}, AdamW at {recipe.encoder_rate:g} (heads
{recipe.heads_rate:g}), warm-up and then a line to zero, texts cut at {recipe.max_tokens} tokens, the weights averaged
over about the last tenth; then some heads on the finished encoder, by logistic regression or with a hidden layer. Seed
{recipe.seed}. Equal seeds give near but not bit-equal weights on another machine.
{ensemble}{averaged}{taught}{started}"""


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"


def _members_asked(recipe: Recipe) -> str:
    asked, usual = "", Recipe()
    asked += f" --members-rate {recipe.members_rate:g}" if recipe.members_rate != usual.members_rate else ""
    asked += f" --members-epochs {recipe.members_epochs}" if recipe.members_epochs != usual.members_epochs else ""
    asked += f" --members-batch {recipe.members_batch}" if recipe.members_batch != usual.members_batch else ""
    return asked


def _named(other: str) -> str:
    return other if other.endswith(".pt") else f"FOLDER_OF_{other}"


_ENSEMBLE = """
It is {students} that learnt beside the labels, half and half, what {members} others say together
of the same texts, and with less weight what those say where there is no label. They were trained first, from other
seeds, by the same rows ({epochs}, batches of {batch}){own}. None of them learnt
{unlearnt}.
"""

_LARGER = ", and have a larger encoder: {larger}, at {rate:g}"


_STARTED = """
It began with the weights of revision {start}, which stands in this repository's history with a card of its own: what
that one saw, and how it was made, holds for this one too. {folds}
"""
_FOLDS = "No complaint had taught them."
_NO_FOLDS = """Where the weights before had seen complaints, ten folds would
be no test, so one tenth is judged, which every run keeps apart; but runs up to revision e03b1ea11ebe that went on from
another began with heads that had been fitted to all ten."""


_AVERAGED = """
Before the last heads were fitted, the weights were averaged with those of other runs
({others}). What those saw is not in the table above. {known}
"""
_NEITHER = "No complaint had taught them."
_PERHAPS = """They may have learnt from
complaints, so one tenth is judged after it, which every run keeps apart; and ten folds before it, where they can be."""

_TAUGHT = """
Beside the labels it learnt what revision {teacher} says of the same texts, half and half, and with less weight what
that says where there is no label; of texts about two companies nothing. That model stands in this repository's history
with a card of its own. {known}
"""
_UNKNOWN = "Nothing was taught of what it says of complaints."
_KNOWN = "It had seen the complaints, but for the tenth that is judged."
