"""A hidden layer for the heads of complaints, which read more of the text than the others.

Over what a linear layer reads, and the greatest and least values besides, it tells complaints apart better on an
encoder that has not learnt them (docs/training.md, "A hidden layer for complaints").
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from classifiers.training.device import quick_numbers

UNITS = 256  # of each head
_DROPOUT = 0.5  # of what is read and of the units: a few thousand rows would be learnt by heart
_DECAY = 0.05
_RATE = 1e-3
_EPOCHS = 10
_BATCH = 64
_WARM_UP = 0.1


class Hidden(nn.Module):
    """Rectified units over what is read, and what each of them says for each column."""

    def __init__(self, read: int, units: int, columns: int) -> None:
        super().__init__()
        self.inner = nn.Linear(read, units)
        self.outer = nn.Linear(units, columns)

    def forward(self, read: Tensor) -> Tensor:
        """Return logits of shape (texts, columns)."""
        return cast(Tensor, self.outer(functional.relu(self.inner(read))))


def fitted(read: Tensor, targets: Tensor, weights: Tensor, labels: int, seed: int) -> Hidden:
    """A hidden layer for one head, fitted to standardised ``read`` of shape (rows, numbers), a target and weight each.

    Dropout as by Srivastava et al., JMLR 2014; weights decay apart from the loss (Loshchilov and Hutter, ICLR 2019).
    """
    torch.manual_seed(seed)
    hidden = Hidden(read.shape[1], UNITS, labels).to(read.device)
    optimiser = torch.optim.AdamW(hidden.parameters(), lr=_RATE, weight_decay=_DECAY, fused=True)
    steps = _EPOCHS * (len(read) // _BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=steps + 1, pct_start=_WARM_UP)
    for _ in range(_EPOCHS):
        for rows in torch.randperm(len(read)).to(read.device).tensor_split(len(read) // _BATCH + 1):
            with quick_numbers(read.device):
                units = functional.relu(hidden.inner(functional.dropout(read[rows], _DROPOUT)))
                logits = hidden.outer(functional.dropout(units, _DROPOUT))
            each = functional.cross_entropy(logits.float(), targets[rows], reduction="none")
            torch.autograd.backward((each * weights[rows]).mean())
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
    return hidden.requires_grad_(False)


def side_by_side(layers: list[tuple[slice, Hidden]], columns: int) -> Hidden:
    """One layer that says in each slice of ``columns`` what the one beside it says, and nothing elsewhere."""
    whole = Hidden(layers[0][1].inner.in_features, sum(each.inner.out_features for _, each in layers), columns)
    whole.requires_grad_(False)
    whole.outer.weight.zero_()
    whole.outer.bias.zero_()
    start = 0
    for place, each in layers:
        units = slice(start, start + each.inner.out_features)
        whole.inner.weight[units], whole.inner.bias[units] = each.inner.weight, each.inner.bias
        whole.outer.weight[place, units], whole.outer.bias[place] = each.outer.weight, each.outer.bias
        start = units.stop
    return whole
