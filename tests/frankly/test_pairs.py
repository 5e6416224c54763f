"""Options of pairs, such as --map text=Tweet,label=Mood."""

from __future__ import annotations

import pytest

from config.errors import UsageError
from frankly.commands.common import pairs


def test_pairs_are_read() -> None:
    assert pairs("--map", "text=Tweet, label = Mood,", "a=b") == {"text": "Tweet", "label": "Mood"}
    assert pairs("--map", "text=Tweet,text=Tweet", "a=b") == {"text": "Tweet"}
    assert pairs("--map", None, "a=b") == {}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", '--map has ""; expected pairs such as a=b'),
        (",", '--map has ","; expected pairs such as a=b'),
        ("text=text,text=label", '--map has "text" twice, as text and as label'),
    ],
)
def test_what_is_no_pairs_is_one_sentence(given: str, message: str) -> None:
    with pytest.raises(UsageError, match=f"^{message}$"):
        pairs("--map", given, "a=b")
