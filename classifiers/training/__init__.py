"""Makes the shipped model: published research sets in, a model folder with its card out.

    python -m classifiers.training --data DIR --out DIR

Read in this order: ``sets.py`` (what is learnt from what, and under which licence), ``examples.py`` (rows to
labelled texts), ``network.py`` and ``fit.py`` (one encoder, several heads), ``export.py`` (int8 ONNX),
``report.py`` (figures and temperatures from the exported model), ``card.py`` (MODEL_CARD.md).
Needs the ``train`` extra; nothing that frankly collects is ever read here, because the platforms forbid it.
"""
