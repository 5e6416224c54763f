"""The simulated X: the endpoints of API v2 that frankly calls, with X's own rules and refusals."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from frankly.rehearsal import x_errors as errors
from frankly.rehearsal.faults import Fault, FaultKind
from frankly.rehearsal.oauth import parse_header, signature
from frankly.rehearsal.wire import Answer, Request
from frankly.rehearsal.world import World
from frankly.rehearsal.x_errors import Refused
from frankly.rehearsal.x_json import EXPANSIONS, TWEET_FIELDS, USER_FIELDS, XJson, asked
from frankly.rehearsal.x_limits import Limits, spent_day
from frankly.rehearsal.x_posting import XPosting
from frankly.rehearsal.x_timelines import XTimelines, stale_since_id
from store.records import Platform

HOST = "https://api.twitter.com"
FIELDS = {"tweet.fields": TWEET_FIELDS, "user.fields": USER_FIELDS, "expansions": EXPANSIONS}
IGNORED = frozenset({"media.fields", "place.fields", "poll.fields"})


@dataclass(frozen=True, slots=True)
class XKeys:
    """The keys that the simulated X accepts; they open nothing else."""

    bearer_token: str = "rehearsal-bearer"  # noqa: S105
    consumer_key: str = "rehearsal-consumer"
    consumer_secret: str = "rehearsal-consumer-secret"  # noqa: S105
    access_token: str = "rehearsal-access"  # noqa: S105
    access_token_secret: str = "rehearsal-access-secret"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint: its budget's name, the work, the parameters it knows, and whether it needs a user."""

    method: str
    pattern: re.Pattern[str]
    endpoint: str
    work: Callable[..., Answer]
    parameters: frozenset[str]
    user_only: bool = False


class X:
    """X API v2 on one world. ``limits.budgets`` and ``keys`` may be looked at and changed."""

    platform = Platform.X
    faults = frozenset(FaultKind) - {
        FaultKind.EMPTY_THINGS,
        FaultKind.RATELIMIT_SECONDS,
        FaultKind.RATELIMIT_MINUTES,
        FaultKind.TOO_OLD,
    }

    def __init__(self, world: World, keys: XKeys | None = None) -> None:
        self.world = world
        self.keys = keys or XKeys()
        self.limits = Limits()
        lists, posting = XTimelines(world), XPosting(world)
        pages = "since_id until_id start_time end_time max_results"
        self._routes = [
            _route("search", "GET tweets/search/recent", lists.search, f"query sort_order next_token {pages}"),
            _route("counts", "GET tweets/counts/recent", lists.counts, f"query granularity {pages}"),
            _route("mentions", r"GET users/(\d+)/mentions", lists.mentions, f"pagination_token {pages}"),
            _route("user_tweets", r"GET users/(\d+)/tweets", lists.tweets, f"pagination_token exclude {pages}"),
            _route("me", "GET users/me", self._me, user_only=True),
            _route("user_by_name", r"GET users/by/username/(\w+)", self._user_by_name),
            _route("users", "GET users", self._users, "ids"),
            _route("tweets", "GET tweets", self._tweets, "ids"),
            _route("tweets", r"GET tweets/(\d+)", self._tweet),
            _route("create", "POST tweets", posting.create, user_only=True),
            _route("delete", r"DELETE tweets/(\d+)", posting.delete, user_only=True),
        ]

    def handle(self, request: Request) -> Answer:
        """Answer a request as X would."""
        route, match = self._find(request)
        if route is None or match is None:
            return errors.problem(404, "Not Found", "Not Found")
        with self.world.lock:
            try:
                by_user = self._authenticate(request, route)
                allowed, headers = self.limits.take(route.endpoint, user=by_user, now=self.world.now())
                if not allowed:
                    return replace(errors.too_many(), headers=headers)
                return replace(self._work(request, route, match), headers=headers)
            except Refused as refusal:
                return refusal.answer

    @staticmethod
    def _work(request: Request, route: Route, match: re.Match[str]) -> Answer:
        try:
            _check_parameters(request, route)
            return route.work(request, *match.groups())
        except Refused as refusal:
            return refusal.answer

    def _find(self, request: Request) -> tuple[Route | None, re.Match[str] | None]:
        for route in self._routes:
            match = route.pattern.fullmatch(request.path)
            if match and route.method == request.method:
                return route, match
        return None, None

    def _authenticate(self, request: Request, route: Route) -> bool:
        """Return whether a user's keys signed this; refuse what no key of ours made."""
        header = request.headers.get("authorization", "")
        if header == f"Bearer {self.keys.bearer_token}":
            if route.user_only:
                raise Refused(errors.wrong_authentication())
            return False
        fields = parse_header(header)
        known = (self.keys.consumer_key, self.keys.access_token)
        if (fields.get("oauth_consumer_key"), fields.get("oauth_token")) != known:
            raise Refused(errors.unauthorized())
        right = signature(
            request.method,
            HOST + request.path,
            fields,
            request.pairs,
            self.keys.consumer_secret,
            self.keys.access_token_secret,
        )
        if fields.get("oauth_signature") != right:
            raise Refused(errors.unauthorized())
        return True

    def _me(self, request: Request) -> Answer:
        return Answer(200, {"data": XJson(self.world, request.query).user(self.world.brands[Platform.X])})

    def _user_by_name(self, request: Request, name: str) -> Answer:
        account = self.world.account(Platform.X, name)
        if account is None:
            return Answer(200, {"errors": [errors.not_found("username", name, "user")]})
        return Answer(200, {"data": XJson(self.world, request.query).user(account)})

    def _users(self, request: Request) -> Answer:
        json = XJson(self.world, request.query)
        found = {key: self.world.account_by_id(Platform.X, key) for key in _ids(request)}
        missing = [errors.not_found("ids", key, "user") for key, account in found.items() if account is None]
        return _listed([json.user(account) for account in found.values() if account], missing)

    def _tweets(self, request: Request) -> Answer:
        json, now = XJson(self.world, request.query), self.world.now()
        found = {key: self.world.find(key) for key in _ids(request)}
        here = [post for post in found.values() if post is not None and not post.gone(now)]
        present = {post.id for post in here}
        missing = [errors.not_found("ids", key) for key in found if key not in present]
        return _listed([json.tweet(post) for post in here], missing, json.includes(here))

    def _tweet(self, request: Request, identifier: str) -> Answer:
        json, post = XJson(self.world, request.query), self.world.find(identifier)
        if post is None or post.gone(self.world.now()):
            return Answer(200, {"errors": [errors.not_found("id", identifier)]})
        includes = json.includes([post])
        return Answer(200, {"data": json.tweet(post), **({"includes": includes} if includes else {})})

    def misbehave(self, fault: Fault, request: Request) -> Answer:
        """Return X's words for a fault that stands in place of the answer."""
        reset = int((self.world.now() + timedelta(seconds=fault.seconds)).timestamp()) + 1
        limit = {
            "x-rate-limit-limit": "450",
            "x-rate-limit-remaining": "0",
            "x-rate-limit-reset": str(reset),
        }
        answers = {
            FaultKind.STATUS: Answer(fault.status, fault.body.encode(), fault.headers),
            FaultKind.DUPLICATE: errors.forbidden(errors.DUPLICATE),
            FaultKind.NOT_SUMMONED: errors.forbidden(errors.NOT_SUMMONED),
            FaultKind.LOCKED: errors.forbidden(errors.NOT_ALLOWED_HERE),
            FaultKind.DELETED: errors.forbidden(errors.DELETED_TARGET),
            FaultKind.UNAUTHORIZED: errors.unauthorized(),
            FaultKind.UNAUTHORIZED_WITHOUT_HEADER: errors.unauthorized(),
            FaultKind.RATE_LIMITED: replace(errors.too_many(), headers=limit),
            FaultKind.RATE_LIMITED_WITHOUT_RESET: errors.too_many(),
            FaultKind.RATE_LIMITED_FOR_A_DAY: replace(errors.too_many(), headers=spent_day(self.world.now())),
            FaultKind.STALE_SINCE_ID: stale_since_id(request.query.get("since_id", ""), self.world.now()),
        }
        return answers[fault.kind]

    def spoil(self, fault: Fault, answer: Answer) -> Answer:
        """Return a good answer with what the fault takes out of it."""
        if fault.kind is FaultKind.ERROR_AFTER_ACCEPT:
            return errors.problem(503, "Service Unavailable", "Service Unavailable")
        if fault.kind is FaultKind.NOT_JSON:
            return replace(answer, body=(fault.body or "<html>over capacity</html>").encode())
        data = answer.body.get("data") if isinstance(answer.body, dict) else None
        if fault.kind is FaultKind.PARTIAL_ERRORS and isinstance(data, list) and data:
            lost = errors.not_found("ids", data[-1]["id"])
            return replace(answer, body={**answer.body, "data": data[:-1], "errors": [lost]})
        if fault.kind is FaultKind.LATE and isinstance(data, list):
            return replace(answer, body={**answer.body, "data": data[1::2]})
        return answer


def _route(
    endpoint: str, line: str, work: Callable[..., Answer], parameters: str = "", *, user_only: bool = False
) -> Route:
    method, path = line.split(" ")
    return Route(method, re.compile(f"/2/{path}"), endpoint, work, frozenset(parameters.split()), user_only)


def _check_parameters(request: Request, route: Route) -> None:
    for name, value in request.query.items():
        if name in FIELDS:
            unknown = asked(request.query, name) - FIELDS[name]
            if unknown:
                message = f"The `{name}` query parameter value [{min(unknown)}] is not one of the known ones"
                raise Refused(errors.invalid(name, min(unknown), message))
        elif name not in route.parameters | IGNORED:
            message = f"The query parameter [{name}] is not one of [{','.join(sorted(route.parameters))}]"
            raise Refused(errors.invalid(name, value, message))


def _ids(request: Request) -> list[str]:
    given = [key for key in request.query.get("ids", "").split(",") if key]
    if not 1 <= len(given) <= 100 or not all(key.isdigit() for key in given):
        message = "The `ids` query parameter needs 1 to 100 numbers"
        raise Refused(errors.invalid("ids", request.query.get("ids", ""), message))
    return given


def _listed(
    data: list[dict[str, Any]], missing: list[dict[str, Any]], includes: dict[str, Any] | None = None
) -> Answer:
    parts = {"data": data, "includes": includes, "errors": missing}
    return Answer(200, {name: items for name, items in parts.items() if items})
