"""The benchmarks' command: what it refuses. What it measures is no test's matter."""

from __future__ import annotations

import pytest

from benchmarks.__main__ import main


def test_a_part_that_nobody_knows_is_refused_before_anything_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["desk", "classifying"])
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert "there is no part classifying; known: classifier, end_to_end" in told.err
    assert "measuring" not in told.err
