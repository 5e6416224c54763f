"""The errors that frankly raises on purpose, as a small tree.

    FranklyError                 exit 1: the work failed
    ├── UsageError               exit 2: the command was called wrongly
    ├── ConfigurationError       exit 3: a file or variable of the operator's is wrong
    ├── StoreError               exit 1: the database cannot be read or written
    │   └── NewerStore           exit 3: a newer frankly changed its tables
    ├── PlatformError            exit 4: a platform refused or could not be understood
    │   ├── PlatformUnavailable  try again later: network, 5xx, a body that is not JSON
    │   │   └── PostsUnclear     some of the posts asked for were neither given nor called gone
    │   ├── RateLimited          not before ``retry_at``
    │   ├── CredentialsRefused   401, 403 on a read, a bad token
    │   ├── StaleCursor          the id we continued from is too old; ``oldest_id`` is the platform's
    │   ├── PostRefused          our reply was refused for good; ``detail`` are the platform's words
    │   └── PostUncertain        our reply may or may not stand there: never send it again blindly
    ├── BudgetSpent              the money for today or this month is spent
    └── AlreadyRunning           exit 5: another instance runs

Messages are one clear sentence: what was found and what would be right. They never hold a secret or
the text of a post.
"""

from __future__ import annotations

from datetime import datetime


class FranklyError(Exception):
    """Something that frankly can name went wrong."""

    exit_code = 1


class UsageError(FranklyError):
    """The command was called in a way that cannot work."""

    exit_code = 2


class ConfigurationError(FranklyError):
    """A setting, rule, template or credential is wrong; nothing was started."""

    exit_code = 3


class StoreError(FranklyError):
    """The database cannot be opened, read or written."""


class NewerStore(StoreError):
    """A newer frankly changed the database's tables: starting this one again would not help."""

    exit_code = 3


class PlatformError(FranklyError):
    """A platform said no, or something that cannot be understood."""

    exit_code = 4


class PlatformUnavailable(PlatformError):
    """The platform cannot be reached or answers with an error of its own; try later."""


class PostsUnclear(PlatformUnavailable):
    """The platform answered, but of some posts that were asked for it cannot be told whether they stand."""


class RateLimited(PlatformError):
    """The platform asks for patience."""

    def __init__(self, message: str, retry_at: datetime) -> None:
        super().__init__(message)
        self.retry_at = retry_at


class CredentialsRefused(PlatformError):
    """The platform does not accept our keys, or not for this call."""


class StaleCursor(PlatformError):
    """The id that a read continued from has left the platform's window."""

    def __init__(self, message: str, oldest_id: str) -> None:
        super().__init__(message)
        self.oldest_id = oldest_id


class PostRefused(PlatformError):
    """The platform will not take this reply, now or later."""

    def __init__(self, message: str, detail: str, retry_at: datetime | None = None) -> None:
        super().__init__(message)
        self.detail = detail
        self.retry_at = retry_at  # set when the platform only asked for patience


class PostUncertain(PlatformError):
    """A reply left, and nobody knows whether it arrived."""


class BudgetSpent(FranklyError):
    """The operator's budget allows no further paid call for now; ``until`` is when it begins anew."""

    def __init__(self, message: str, until: datetime | None = None) -> None:
        super().__init__(message)
        self.until = until


class AlreadyRunning(FranklyError):
    """Another daemon holds the lock of this database."""

    exit_code = 5
