"""Apprise: how frankly writes to its own people, by mail, chat or push."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from copy import copy
from typing import Any, Literal

from pydantic import SecretStr

# It writes out addresses that it does not know, passwords and all.
logging.getLogger("apprise").setLevel(logging.CRITICAL)

_MAIL = ("mailto", "mailtos")


class Address:
    """Where something is sent to. Say of it only its ``name``: it holds passwords."""

    def __init__(self, name: str, plugin: Any, asset: Any) -> None:
        """``plugin`` is Apprise's; None where it knows no such address."""
        from apprise import NotifyFormat

        self.name = name
        self._plugin = plugin
        self._asset = asset
        self.known = plugin is not None
        self.takes_html = plugin is not None and _made_of_markdown(plugin) == NotifyFormat.HTML

    def notify(
        self, title: str, body: str, form: Literal["text", "markdown", "html"], pictures: Sequence[str] = ()
    ) -> bool:
        """Send a text, and the pictures in these files where they are taken; tell whether it was taken."""
        from apprise import Apprise, AppriseAttachment, NotifyFormat

        if self._plugin is None:
            return False
        if hasattr(self._plugin, "inline"):
            self._plugin.inline = True  # mail: the pictures stand where the text names them
        sender = Apprise(asset=self._asset)
        sender.add(self._plugin)
        takes_files = bool(pictures) and self._plugin.attachment_support
        attached = AppriseAttachment(list(pictures), asset=self._asset) if takes_files else None
        return bool(sender.notify(body=body, title=title, body_format=NotifyFormat(form), attach=attached))


def _made_of_markdown(plugin: Any) -> object:
    """Return the form in which a plugin sends Markdown. In Apprise 1 it has just one form, later it may choose."""
    resolved = getattr(plugin, "resolve_format", None)
    return resolved("markdown") if resolved else plugin.notify_format


def addresses(urls: Sequence[SecretStr]) -> list[Address]:
    """Return the addresses of a variable, in their order; each person that one of mail names is one."""
    return [address for place, url in enumerate(urls, 1) for address in _opened(url.get_secret_value(), place)]


def _opened(url: str, place: int) -> list[Address]:
    from apprise import Apprise, AppriseAsset

    # Reports of Apprise's own would hold the address; secure_logging covers most of them, ours none at all.
    asset = AppriseAsset(app_id="frankly", app_desc="frankly", secure_logging=True, async_mode=False)
    plugin = Apprise.instantiate(url, asset=asset)
    if plugin is None:
        return [Address(f"address {place}: not one that Apprise knows", None, asset)]
    scheme = url.partition(":")[0].lower()
    plugins = _for_each_person(plugin) if scheme in _MAIL else [plugin]
    return [Address(scheme, one, asset) for one in plugins]


def _for_each_person(plugin: Any) -> list[Any]:
    """Split a mail's plugin. A mail server may refuse one person, and Apprise then says that none took it."""
    people = {address: (name, address) for name, address in plugin.targets}
    people |= {
        address: (plugin.names.get(address, False), address)
        for address in sorted(plugin.cc | plugin.bcc)
        if address not in people
    }
    found = []
    for person in people.values():
        one = copy(plugin)
        one.targets, one.cc, one.bcc = [person], set(), set()
        found.append(one)
    return found or [plugin]


def not_taken(failed: Sequence[Address], count: int) -> str | None:
    """Say which of some addresses did not take something; None where all did."""
    names = ", ".join(address.name for address in failed)
    return f"{len(failed)} of {count} addresses did not take it ({names})" if failed else None
