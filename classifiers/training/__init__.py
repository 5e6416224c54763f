"""Makes the shipped model: published research sets in, a model folder with its card out.

    python -m classifiers.training --data DIR --out DIR

Read in this order: ``run.py`` (the whole run), ``sets.py`` (what is learnt from what, and under which licence),
``posts.jsonl`` (our own posts, for what no research set has),
``examples.py`` (rows to labelled texts), ``teacher.py`` (what an earlier model says of them),
``network.py``, ``fit.py``, ``workers.py`` and ``device.py`` (one encoder, several heads), ``ensemble.py`` (several
networks that teach others), ``probe.py`` (heads fitted last), ``averaging.py`` and ``restore.py`` (the mean of several
runs), ``meaning.py`` (what topics are matched by), ``graph.py``, ``export.py`` and ``ranges.py`` (int8 ONNX),
``report.py``, ``development.py``, ``rivals.py`` and ``topics.py`` (figures and calibration), ``card.py``
(MODEL_CARD.md). ``steps.py`` is a command of its own, with ``masked.py`` among what it
tries.
Needs the ``train`` extra; nothing that frankly collects is ever read here, because the platforms forbid it.
"""
