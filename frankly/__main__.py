"""``python -m frankly`` is ``frankly``: here the program begins."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence


def main() -> None:
    """Run the command line. A reload that comes while a server still starts must not end it, as SIGHUP else would."""
    command = _command(sys.argv[1:])
    if command == "run":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})  # kept back until the daemon listens to it
    elif command == "desk":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    from frankly.cli import main as command_line  # a moment's work: only now

    command_line()


def _command(words: Sequence[str]) -> str | None:
    """Return the first word that is neither an option nor what one is set to."""
    rest = iter(words)
    for word in rest:
        if word == "--config":
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return None


if __name__ == "__main__":
    main()
