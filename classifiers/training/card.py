"""MODEL_CARD.md: what the weights saw and what they score, from the run that made them."""

from __future__ import annotations

from collections.abc import Sequence

from classifiers.heads import ModelFile
from classifiers.training.examples import Corpus, shown_per_epoch
from classifiers.training.fit import Recipe
from classifiers.training.report import Check, Report


def model_card(file: ModelFile, corpus: Corpus, recipe: Recipe, report: Report) -> str:
    """The whole card as Markdown."""
    parts = (
        _head(file, report),
        _seen(corpus),
        _scored(report),
        _limits(report),
        _again(recipe),
    )
    return "\n".join(parts)


def _head(file: ModelFile, report: Report) -> str:
    temperatures = ", ".join(f"{head.name} {head.temperature:g}" for head in file.heads)
    heads = "\n".join(f"- {head.name}: {', '.join(head.labels)}" for head in file.heads)
    return f"""# Model card: {file.name}, revision {file.revision}

One MiniLM encoder (all-MiniLM-L6-v2, 22.7 million weights, Apache-2.0: Wang et al., NeurIPS 2020; Reimers and
Gurevych, EMNLP 2019), the mean of its token vectors, and one linear layer whose columns are the heads:

{heads}

Exported to ONNX with dynamic int8 weights: {report.megabytes:.1f} MB. A long text is read in
windows of {file.window_tokens} tokens, {file.overlap_tokens} shared by neighbours; sentiment is their mean, every other
head takes its strongest window. With a brand, the model reads the pair (text, brand name); without one, the text alone.
Temperatures: {temperatures}.

It is meant for finding complaints and the sentiment towards a brand in short public English posts, with a
person behind it. It is not meant for judging people.
"""


def _seen(corpus: Corpus) -> str:
    lines = [
        "## What it saw",
        "",
        "| set | what | rows to draw from | shown in an epoch | licence as published | citation |",
        "|---|---|---|---|---|---|",
    ]
    for one in corpus.sets:
        drawn = f"{len(corpus.train[one.name]):,} | {shown_per_epoch(corpus, one):,}" if one.train else "none | none"
        lines.append(f"| {one.name} | {one.title} | {drawn} | {one.licence} | {one.citation} |")
    lines += [
        "",
        "Sets without a stated licence taught it nothing. Nothing that frankly collects was or will be used: the",
        "platforms forbid it. From brand_sentiment, whose originals come in about six altered copies, an epoch draws",
        "one copy of each original.",
        "",
    ]
    return "\n".join(lines)


def _scored(report: Report) -> str:
    return f"""## What it scores

Measured by the command that made it, on the int8 model as frankly runs it, on validation or held-out rows (split by
group); no test set was read. "Commonest" is the macro-F1 of always giving the commonest label. ECE is the expected
calibration error over 15 bins, on rows that no temperature was fitted on.

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


def _limits(report: Report) -> str:
    left_out = ", ".join(report.left_out)
    silent = (
        f"- Left out, because they do not clearly beat the commonest label: {left_out}; their scores are null.\n"
        if left_out
        else ""
    )
    return f"""## Limits

{silent}- English only. Another language is detected beside the model and makes the assessment unsure.
- The sets are mostly tweets from 2013 to 2020 with American and British authors; newer words, dialects and other
  trades are less well read. Offensive-language sets are known to be biased against dialects: use that score as a flag.
- Sentiment towards a brand was learnt from 32 brands, most of them games; comparisons with a rival were not measured.
- Severity and kind are plain rules over these scores, not learnt, and were not measured here.
- A temperature is one number: scores are calibrated on average over the validation rows, not for each trade.
"""


def _again(recipe: Recipe) -> str:
    rates = f"AdamW at {recipe.encoder_rate:g} (heads {recipe.heads_rate:g})"
    return f"""## Making it again

    python -m classifiers.training --data DIR --out DIR --epochs {recipe.epochs} --seed {recipe.seed}

`DIR` holds one `NAME.jsonl.gz` for each set above, an object a line with `text`, `label` (or `labels`), and where there
is one `split`, `target`, `group`. A set whose file is not there is left out: to train without a set, take its
file away. {recipe.epochs} epochs, batches of {recipe.batch}, {rates}, warm-up and then a line to zero,
texts cut at {recipe.max_tokens} tokens for training only, seed {recipe.seed}. Equal seeds give near but not bit-equal
weights on another machine.
"""
