"""The simulated Reddit: the token call and the API endpoints that frankly calls, with Reddit's refusals."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from frankly.rehearsal import reddit_errors as errors
from frankly.rehearsal.faults import Fault, FaultKind
from frankly.rehearsal.reddit_errors import Refused
from frankly.rehearsal.reddit_json import RedditJson, account_json, community
from frankly.rehearsal.reddit_listings import RedditListings
from frankly.rehearsal.wire import Answer, Request
from frankly.rehearsal.world import Post, World
from store.records import Platform

TOKEN_SECONDS = 86_400
TEXT_LIMIT = 10_000
SCOPES = "identity read submit privatemessages history"
# Cheap ones: with a lower remainder praw would pause about a second between two requests.
RATE_HEADERS = {"x-ratelimit-remaining": "996", "x-ratelimit-used": "4", "x-ratelimit-reset": "1"}


@dataclass(frozen=True, slots=True)
class RedditKeys:
    """The keys that the simulated Reddit accepts; they open nothing else."""

    client_id: str = "rehearsal-client"
    client_secret: str = "rehearsal-client-secret"  # noqa: S105
    refresh_token: str = "rehearsal-refresh"  # noqa: S105
    password: str = "rehearsal-password"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint."""

    method: str
    pattern: re.Pattern[str]
    work: Callable[..., Answer]
    user_only: bool


class Reddit:
    """Reddit's OAuth and Data API on one world. ``rate_headers`` may be changed while it runs."""

    platform = Platform.REDDIT
    faults = frozenset(FaultKind) - {
        FaultKind.DUPLICATE,
        FaultKind.NOT_SUMMONED,
        FaultKind.STALE_SINCE_ID,
        FaultKind.PARTIAL_ERRORS,
        FaultKind.RATE_LIMITED_FOR_A_DAY,
    }

    def __init__(self, world: World, keys: RedditKeys | None = None) -> None:
        self.world = world
        self.keys = keys or RedditKeys()
        self.rate_headers = dict(RATE_HEADERS)
        self._tokens: dict[str, bool] = {}
        lists = RedditListings(world)
        self._routes = [
            _route("GET", "api/v1/me", self._me, user_only=True),
            _route("GET", r"r/([\w+]+)/comments", lists.comments),
            _route("GET", r"r/([\w+]+)/new", lists.submissions),
            _route("GET", r"r/([\w+]+)/search", lists.search),
            _route("GET", r"r/(\w+)/about", self._about),
            _route("GET", r"comments/(\w+)(?:/[^/]*)?(?:/(\w+))?", lists.thread),
            _route("GET", r"message/(mentions|inbox|unread)", lists.inbox, user_only=True),
            _route("POST", "api/read_message", lists.mark_read, user_only=True),
            _route("GET", "api/info", lists.info),
            _route("POST", "api/comment", self._reply, user_only=True),
            _route("POST", "api/del", self._delete, user_only=True),
            _route("GET", r"user/([\w-]+)/comments", lists.user_comments),
            _route("GET", r"user/([\w-]+)/about", self._user_about),
        ]

    def handle(self, request: Request) -> Answer:
        """Answer a request as Reddit would."""
        agent = request.headers.get("user-agent", "")
        if not agent or agent.startswith("python-requests"):
            return errors.plain(429, "Too Many Requests")
        with self.world.lock:
            if request.path.rstrip("/") == "/api/v1/access_token" and request.method == "POST":
                return self._token(request)
            try:
                answer = self._dispatch(request)
            except Refused as refusal:
                answer = refusal.answer
            return replace(answer, headers={**self.rate_headers, **answer.headers})

    def revoke_tokens(self) -> None:
        """Make every access token worthless; the refresh token stays good."""
        with self.world.lock:
            self._tokens.clear()

    def _dispatch(self, request: Request) -> Answer:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token not in self._tokens:
            return errors.unauthorized()
        for route in self._routes:
            match = route.pattern.fullmatch(request.path)
            if match and route.method == request.method:
                if route.user_only and not self._tokens[token]:
                    return errors.plain(403, "Forbidden")
                return route.work(request, *match.groups())
        return errors.not_found()

    def _token(self, request: Request) -> Answer:
        basic = base64.b64encode(f"{self.keys.client_id}:{self.keys.client_secret}".encode()).decode()
        if request.headers.get("authorization", "") != f"Basic {basic}":
            return errors.plain(401, "Unauthorized")
        form, kind = request.form, request.form.get("grant_type", "")
        user = (form.get("username", ""), form.get("password", ""))
        if kind not in ("refresh_token", "password", "client_credentials"):
            return Answer(200, {"error": "unsupported_grant_type"})
        if kind == "refresh_token" and form.get("refresh_token") != self.keys.refresh_token:
            return errors.plain(400, "Bad Request")
        if kind == "password" and user != (self.world.brands[Platform.REDDIT].name, self.keys.password):
            return Answer(200, {"error": "invalid_grant"})
        token = secrets.token_urlsafe(16)
        self._tokens[token] = kind != "client_credentials"
        answer = {"access_token": token, "token_type": "bearer", "expires_in": TOKEN_SECONDS, "scope": SCOPES}
        return Answer(200, answer)

    def _me(self, request: Request) -> Answer:
        return Answer(200, account_json(self.world.brands[Platform.REDDIT]))

    def _about(self, request: Request, name: str) -> Answer:
        posts = [p for p in self.world.newest_first(Platform.REDDIT) if p.subreddit.lower() == name.lower()]
        if not posts:
            return errors.not_found()
        return Answer(200, community(posts[0].subreddit, members=9_000 + len(posts)))

    def _user_about(self, request: Request, name: str) -> Answer:
        account = self.world.account(Platform.REDDIT, name)
        return Answer(200, {"kind": "t2", "data": account_json(account)}) if account else errors.not_found()

    def _reply(self, request: Request) -> Answer:
        text, target = request.form.get("text", ""), self.world.find(request.form.get("thing_id", ""))
        refusal = self._refusal(text, target)
        if refusal is not None or target is None:
            return errors.form_error(refusal or errors.NO_THING)
        reply = self.world.answer(Platform.REDDIT, target.id, text)
        thing = RedditJson(self.world).thing(reply)
        return Answer(200, {"json": {"errors": [], "data": {"things": [thing]}}})

    def _refusal(self, text: str, target: Post | None) -> tuple[str, str, str] | None:
        if not text.strip():
            return errors.NO_TEXT
        if len(text) > TEXT_LIMIT:
            return errors.TOO_LONG
        if target is None:
            return None
        if target.gone(self.world.now()):
            return errors.DELETED_LINK if target.id.startswith("t3_") else errors.DELETED_COMMENT
        thread = self.world.find(target.conversation)
        return errors.LOCKED if target.locked or (thread is not None and thread.locked) else None

    def _delete(self, request: Request) -> Answer:
        post = self.world.find(request.form.get("id", ""))
        if post is not None and post.author == self.world.brands[Platform.REDDIT]:
            self.world.delete_post(post.id)
        return Answer(200, {})

    def misbehave(self, fault: Fault, request: Request) -> Answer:
        """Return Reddit's words for a fault that stands in place of the answer."""
        wait = max(1, int(fault.seconds))
        forms = {
            FaultKind.RATELIMIT_SECONDS: errors.ratelimit(wait, "seconds"),
            FaultKind.RATELIMIT_MINUTES: errors.ratelimit(max(1, wait // 60), "minutes"),
            FaultKind.LOCKED: errors.LOCKED,
            FaultKind.DELETED: errors.DELETED_COMMENT,
            FaultKind.TOO_OLD: errors.TOO_OLD,
        }
        if fault.kind in forms:
            return errors.form_error(forms[fault.kind])
        spent = {
            "x-ratelimit-remaining": "0",
            "x-ratelimit-used": "1000",
            "x-ratelimit-reset": str(wait),
            "retry-after": str(wait),
        }
        answers = {
            FaultKind.STATUS: Answer(fault.status, fault.body.encode(), fault.headers),
            FaultKind.UNAUTHORIZED: errors.unauthorized(),
            FaultKind.UNAUTHORIZED_WITHOUT_HEADER: errors.unauthorized(with_header=False),
            FaultKind.RATE_LIMITED: errors.plain(429, "Too Many Requests", spent),
            FaultKind.RATE_LIMITED_WITHOUT_RESET: errors.plain(429, "Too Many Requests"),
        }
        return answers[fault.kind]

    def spoil(self, fault: Fault, answer: Answer) -> Answer:
        """Return a good answer with what the fault takes out of it."""
        if fault.kind is FaultKind.ERROR_AFTER_ACCEPT:
            return errors.plain(503, "Service Unavailable")
        if fault.kind is FaultKind.NOT_JSON:
            return replace(answer, body=(fault.body or "<html>our CDN is down</html>").encode())
        if fault.kind is FaultKind.EMPTY_THINGS:
            empty: dict[str, Any] = {"json": {"errors": [], "data": {"things": []}}}
            return replace(answer, body=empty)
        data = answer.body.get("data") if isinstance(answer.body, dict) else None
        if fault.kind is FaultKind.LATE and isinstance(data, dict):
            return replace(answer, body={**answer.body, "data": {**data, "children": data["children"][1::2]}})
        return answer


def _route(method: str, path: str, work: Callable[..., Answer], *, user_only: bool = False) -> Route:
    return Route(method, re.compile(f"/{path}/?"), work, user_only)
