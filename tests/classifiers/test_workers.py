"""Training by several processes: what they have in common after they met."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")

_SCRIPT = """
import json, sys
from pathlib import Path
import torch
from classifiers.training.workers import gathered, join_workers, number, share_weights, take_weights_of_first, workers

join_workers()
layer = torch.nn.Linear(1, 1, bias=False)
found = {"workers": workers(), "gathered": gathered({number(): (float(number()),)})}
for name, meet in (("mean", share_weights), ("first", take_weights_of_first)):
    layer.weight.data.fill_(10.0 + number())
    meet(layer)
    found[name] = layer.weight.item()
Path(sys.argv[1], f"{number()}.json").write_text(json.dumps(found))
"""


def test_two_workers_share_what_they_found_and_their_weights(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(_SCRIPT, encoding="utf-8")
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    subprocess.run([*launch, str(script), str(tmp_path)], check=True, capture_output=True)
    for worker in range(2):
        found = json.loads((tmp_path / f"{worker}.json").read_text(encoding="utf-8"))
        assert found == {"workers": 2, "gathered": {"0": [0.0], "1": [1.0]}, "mean": 10.5, "first": 10.0}
