"""A digest as JSON: its keys are those of ``records``, in their order, and change only with a release."""

from __future__ import annotations

from responders.digest.figures import from_json, to_json

__all__ = ["from_json", "to_json"]
