"""Evaluation: how good a model's answers are on somebody's labelled texts, and how sure that is.

labelled texts -> answers of each model -> measures -> report
                                        -> thresholds to paste into frankly.toml
"""
