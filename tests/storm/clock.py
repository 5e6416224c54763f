"""A clock that can be made to jump from outside: the paced clock, and an offset that stands in a file."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from config.clock import Clock

_SECONDS = struct.Struct("<q")


def write_offset(path: Path, seconds: int) -> None:
    """Make every clock on this file jump."""
    if not path.exists():
        path.write_bytes(bytes(_SECONDS.size))
    with path.open("r+b") as file:
        file.write(_SECONDS.pack(seconds))


@dataclass(frozen=True)
class JumpingClock:
    """Reads ``steady`` and adds the offset, which another process may change at any time."""

    steady: Clock
    offset: mmap.mmap

    @classmethod
    def beside(cls, steady: Clock, path: Path) -> JumpingClock:
        """Return a clock that follows the file."""
        with path.open("rb") as file:
            return cls(steady, mmap.mmap(file.fileno(), _SECONDS.size, access=mmap.ACCESS_READ))

    def now(self) -> datetime:
        """Return the moment that this machine believes in."""
        return self.steady.now() + timedelta(seconds=_SECONDS.unpack(self.offset)[0])
