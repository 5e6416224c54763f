"""Reddit's refusals: HTTP errors, and errors inside a 200 that belong to a form."""

from __future__ import annotations

from frankly.rehearsal.wire import Answer

LOCKED = ("THREAD_LOCKED", "Comments are locked.", "parent")
DELETED_COMMENT = ("DELETED_COMMENT", "that comment has been deleted", "parent")
DELETED_LINK = ("DELETED_LINK", "the link you are commenting on has been deleted", "parent")
TOO_OLD = ("TOO_OLD", "that's a piece of history now; it's too late to reply to it", "parent")
NO_TEXT = ("NO_TEXT", "we need something here", "text")
TOO_LONG = ("TOO_LONG", "this is too long (max: 10000)", "text")
NO_THING = ("NO_THING_ID", "id not specified", "thing_id")


class Refused(Exception):
    """Reddit says no; carries the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def form_error(error: tuple[str, str, str]) -> Answer:
    """Return an error of a form: the status is 200 all the same."""
    return Answer(200, {"json": {"errors": [list(error)]}})


def ratelimit(amount: int, unit: str) -> tuple[str, str, str]:
    """Return the form error that asks a new account for patience."""
    words = f"Looks like you've been doing that a lot. Take a break for {amount} {unit} before trying again."
    return ("RATELIMIT", words, "ratelimit")


def plain(status: int, message: str, headers: dict[str, str] | None = None) -> Answer:
    """Return Reddit's short error body."""
    return Answer(status, {"message": message, "error": status}, headers or {})


def unauthorized(*, with_header: bool = True) -> Answer:
    """Return the answer to a token that is not known."""
    realm = {"www-authenticate": 'Bearer realm="reddit", error="invalid_token"'}
    return plain(401, "Unauthorized", realm if with_header else {})


def not_found() -> Answer:
    """Return the answer to a path or name that is not there."""
    return plain(404, "Not Found")
