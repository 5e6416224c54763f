"""Why a mention was understood as it was: the words that carried it, by asking the model again."""

from __future__ import annotations

from classifiers.explain import Why, explain
from frankly.app import App
from frankly.pipeline import brand_context
from store.records import Mention


def words_of(app: App, mention: Mention) -> Why:
    """Return the weight of each word of a mention's text, as the model of today reads it; nothing where it is gone."""
    if not mention.post.text.strip():
        return []
    texts, brand = [mention.post.text], brand_context(app, mention.brand)
    [why] = explain(texts, app.classifier.assess(texts, brand), app.classifier, brand)
    return why
