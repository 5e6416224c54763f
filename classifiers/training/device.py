"""Where networks compute: on the GPU when there is one, else on the processor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

_BFLOAT16 = ("amx_bf16", "avx512_bf16", "bf16")  # what processors of Intel, of Intel and AMD, and of Arm call it


def fastest_device() -> torch.device:
    """The GPU, or the processor where there is none."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def quick_numbers(device: torch.device) -> torch.autocast:
    """Products in bfloat16 where the device knows it, whose rounding is finer than that of int8."""
    known = torch.cuda.is_bf16_supported() if device.type == "cuda" else _processor_knows_bfloat16()
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=known)


def _processor_knows_bfloat16() -> bool:
    """Whether it has instructions for it. PyTorch imitates them with others (AVX-512), at half the speed of float."""
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in _BFLOAT16)


@contextmanager
def on_fastest_device(module: nn.Module) -> Iterator[torch.device]:
    """Have ``module`` there for a while, and back on the processor afterwards."""
    device = fastest_device()
    module.to(device)
    try:
        yield device
    finally:
        module.to("cpu")
