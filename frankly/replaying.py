"""``frankly replay``: recorded posts through the path of live ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from config.errors import UsageError
from frankly.app import App
from frankly.commands.common import pairs
from frankly.progress import bar
from listener.replay import ReplayReport, replay
from store.records import Platform


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of the rows: ``rows`` is the sum of the others."""

    rows: int
    stored: int
    known: int
    passed_over: int
    bad: int

    def as_dict(self) -> dict[str, int]:
        """Return the figures for a program."""
        return asdict(self)

    def sentence(self) -> str:
        """Return the figures for a person."""
        return (
            f"{self.rows} rows: {self.stored} stored, {self.known} known already, "
            f"{self.passed_over} no mention, {self.bad} reported as bad."
        )


def replay_files(
    app: App,
    files: list[Path],
    columns: str | None,
    platform: str,
    brand: str | None,
    speed: float | None,
    *,
    take_all: bool,
    complain: Callable[[str], None],
) -> Replayed:
    """Replay files into the store; bad rows are told through ``complain`` and skipped."""
    if platform not in list(Platform):
        raise UsageError(f'"{platform}" is no platform; expected one of: {", ".join(Platform)}')
    if brand is not None and not take_all:
        raise UsageError("--brand says whose the rows of --all are; add --all, or leave --brand out")
    with bar("replaying", None) as advance:
        report: ReplayReport = replay(
            files,
            app.store,
            app.settings,
            app.clock,
            column_map=pairs("--map", columns, "text=Tweet,author=User"),
            platform=Platform(platform),
            take_all_brand=_brand_of_all(app, brand) if take_all else None,
            speed=speed,
            on_bad_row=complain,
            progress=advance,
        )
    return Replayed(report.rows, report.stored, report.known, report.passed_over, report.bad)


def _brand_of_all(app: App, brand: str | None) -> str:
    names = [one.name for one in app.settings.brands]
    if brand is None and len(names) == 1:
        return names[0]
    if brand is None:
        raise UsageError(f"--all needs --brand NAME where there are several brands: {', '.join(names)}")
    if brand not in names:
        raise UsageError(f'there is no brand "{brand}"; known: {", ".join(names)}')
    return brand
