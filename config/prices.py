"""What calls cost: kept apart from ``config/settings.py``, as ``prices.toml`` is from ``frankly.toml``."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from config.types import Section


class Prices(Section):
    """What X asks for a call, in dollars; ``prices.toml`` beside the settings, where there is one, has them all."""

    as_of: date = Field(date(2026, 8, 22), description="when these were read from X's page of prices")
    post_read_usd: float = Field(
        0.005,
        ge=0,
        description="a post that a search or a look brings; 0.015 where your bill counts its author as well",
    )
    owned_read_usd: float = Field(
        0.001, ge=0, description="a mention or a post of your own account; 0.011 in that case"
    )
    user_read_usd: float = Field(0.010, ge=0, description="asking whose keys ours are: once a day")
    count_usd: float = Field(0.005, ge=0, description="a request that only counts what a search would find")
    post_create_usd: float = Field(0.015, ge=0, description="a reply; X bills 0.010 where it was called on")
    post_create_with_link_usd: float = Field(0.200, ge=0, description="a reply with a link")
