"""X's error bodies, as they are seen on the wire."""

from __future__ import annotations

from typing import Any

from frankly.rehearsal.wire import Answer

PROBLEMS = "https://api.twitter.com/2/problems/"
NOT_SUMMONED = "You can only reply to or quote posts where you are mentioned or are the author."
NOT_ALLOWED_HERE = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged"
    " by the author of the post you are replying to."
)
DELETED_TARGET = "You attempted to reply to a Tweet that is deleted or not visible to you."
DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
TOO_LONG = (
    "Your Tweet text is too long. For more information on how Twitter determines text length see"
    " https://github.com/twitter/twitter-text."
)


class Refused(Exception):
    """X says no; carries the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def problem(status: int, title: str, detail: str, kind: str = "about:blank") -> Answer:
    """Return a problem body (RFC 7807), which X uses for most refusals."""
    return Answer(status, {"title": title, "detail": detail, "type": kind, "status": status})


def unauthorized() -> Answer:
    """Return the answer to keys that are not known."""
    return problem(401, "Unauthorized", "Unauthorized")


def forbidden(detail: str) -> Answer:
    """Return the answer to a post that X will not take."""
    return problem(403, "Forbidden", detail)


def too_many() -> Answer:
    """Return the body of a 429."""
    return problem(429, "Too Many Requests", "Too Many Requests")


def wrong_authentication() -> Answer:
    """Return the answer to a bearer token where a user's keys are needed."""
    return problem(
        403,
        "Unsupported Authentication",
        "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint. Supported"
        " authentication types are [OAuth 1.0a User Context, OAuth 2.0 User Context].",
        PROBLEMS + "unsupported-authentication",
    )


def invalid(parameter: str, value: str, message: str) -> Answer:
    """Return the answer to a parameter that is wrong."""
    return Answer(
        400,
        {
            "errors": [{"parameters": {parameter: [value]}, "message": message}],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": PROBLEMS + "invalid-request",
        },
    )


def not_found(parameter: str, value: str, resource: str = "tweet") -> dict[str, Any]:
    """Return the entry of ``errors`` for something that is gone or never was."""
    return {
        "value": value,
        "detail": f"Could not find {resource} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": resource,
        "parameter": parameter,
        "resource_id": value,
        "type": PROBLEMS + "resource-not-found",
    }
