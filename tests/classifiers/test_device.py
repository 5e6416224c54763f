"""Where training computes, and in which numbers."""

from __future__ import annotations

import importlib.util

import pytest

pytestmark = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")


@pytest.mark.parametrize(
    ("capabilities", "quick"),
    [
        ({"avx512_f": True, "avx512_bf16": False, "amx_bf16": False}, False),
        ({"avx512_f": True, "avx512_bf16": True}, True),
        ({"avx512_f": True, "avx512_bf16": False, "amx_bf16": True}, True),
        ({"neon": True, "bf16": True}, True),
        ({"neon": True}, False),
    ],
)
def test_a_processor_computes_in_bfloat16_only_where_it_has_instructions_for_it(
    monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, bool], quick: bool
) -> None:
    import torch

    from classifiers.training.device import quick_numbers

    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    square = torch.ones(2, 2)
    with quick_numbers(torch.device("cpu")):
        assert (square @ square).dtype is (torch.bfloat16 if quick else torch.float32)
