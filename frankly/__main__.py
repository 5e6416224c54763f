"""``python -m frankly`` is ``frankly``."""

from frankly.cli import main

main()
