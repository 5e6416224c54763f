"""The sender: the one place that lets an answer out, at most once.

    held       -> queued, withdrawn, parked              can be taken back for a moment
    queued     -> sending, withdrawn, parked             waits for its turn, or for a platform that asks for patience
    sending    -> sent, refused, uncertain, queued       the intent is on disk; the request may have left
    uncertain  -> sent, parked                           nobody knows; it is looked for, never sent again blindly
    parked     -> withdrawn, sent                        a person decides: withdrawn means it is a draft again
    withdrawn  -> sent                                   only where it was given up and is listed after all
    sent, refused                                        the end

Right before the request, in this order: is sending paused; is the post still there, unedited; does a reply of ours
stand there already; does whoever approved it still work here; does the gate still agree. Then the intent
(``sending`` and a delivery) is committed, one request leaves, and its result is committed. A process that dies in
between leaves ``sending`` behind, which becomes ``uncertain`` at the next run, as it does where the result could not
be written down, and is settled by reading our own posts back.

A channel whose ``sending`` is not "on" makes a dry run: all of the above except the request. The customer hears
nothing, so a dry run is no first response, the promise's clock goes on, and the post may still be answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from config.clock import Clock
from config.errors import BudgetSpent, PlatformError, PostRefused, PostUncertain, RateLimited
from config.fail_points import Edge, reached
from config.settings import Settings
from responders.cases import CaseWork
from responders.channels.base import Channel
from responders.eligibility import judge
from responders.facts import gather
from responders.pausing import follow_file
from responders.tripping import Trip
from store.outbox import Delivery
from store.records import Event, Mention, Mode, OutboxMessage, OutboxState, Platform, Post
from store.store import Store

_PATIENCE = timedelta(minutes=1)  # when a platform cannot be reached and names no time
MARGIN = timedelta(minutes=1)  # our clock and the platform's may differ
_EDITED = "The post was edited after the answer was approved."
_NO_BRAND = "The brand is not configured any more."
_LEFT = "Whoever approved the answer does not work here any more; somebody else has to stand by it."
_NO_CHANNEL = "There are no credentials for this platform."


class _Obstacle(Exception):
    """Why an answer may not go out after all; internal to this module."""


class _Gone(Exception):
    """The post is not there any more; internal to this module."""


class Sender:
    """Sends what is approved. One sender runs at a time."""

    def __init__(self, store: Store, settings: Settings, clock: Clock, channels: Mapping[Platform, Channel]) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._channels = channels
        self._cases = CaseWork(store, settings, clock)
        self._trip = Trip(store, settings, clock)

    def release_held(self) -> int:
        """Queue the messages that can no longer be taken back; returns how many."""
        with self._store.transaction():
            due = self._store.outbox.hold_over(self._clock.now())
            for message in due:
                self._move(message, OutboxState.QUEUED, "daemon")
                reached(Edge.QUEUED_WRITTEN)
        if due:
            reached(Edge.QUEUED)
        return len(due)

    def send_one(self) -> bool:
        """Take the message that has waited longest as far as it gets; False when there is nothing to do."""
        if self._is_paused():
            return False
        message = self._store.outbox.next_queued(self._clock.now())
        if message is None:
            return False
        try:
            fresh = self._look_again(message)
            reached(Edge.LOOKED)
            delivery = self._begin(message, fresh)
        except _Gone:
            with self._store.transaction():  # whoever sees that a post is gone empties it here (promise 7)
                self._store.deletions.empty_mention(message.mention_id, self._clock.now(), "deleted")
        except _Obstacle as obstacle:
            self._park(message, str(obstacle))
        except (PlatformError, BudgetSpent) as error:
            self._wait(message, error)
        else:
            if delivery is not None:
                reached(Edge.SENDING)
                self._deliver(replace(message, state=OutboxState.SENDING), delivery)
                reached(Edge.RESULT_STORED)
        return True

    def recover(self) -> int:
        """Before a run: whatever an earlier one left as being sent is uncertain now. Returns how many."""
        left = self._store.outbox.in_state(OutboxState.SENDING)
        for message in left:
            delivery = self._store.outbox.deliveries(message.id)[-1]
            self._uncertain(message, delivery, "The sender was cut off while the answer was on its way.")
            reached(Edge.RECOVERED)
        return len(left)

    def settle(self) -> int:
        """Look for uncertain answers among our own posts; returns how many are not uncertain any more."""
        due = self._store.outbox.to_settle(self._clock.now())
        return sum(self._settle(message) for message in due)

    def _look_again(self, message: OutboxMessage) -> Post | None:
        """Return the post as it stands now. In a dry run without credentials there is nobody to ask."""
        channel = self._channels.get(message.platform)
        if channel is None:
            if self._is_dry(message.platform):
                return None
            raise PlatformError(_NO_CHANNEL)
        mention = self._store.mentions.get(message.mention_id)
        fresh = channel.look(message)
        if fresh is None:
            raise _Gone
        if _was_edited(mention, fresh, message):
            raise _Obstacle(_EDITED)
        found = channel.find_reply(message, mention.post.posted_at)
        if found is not None:
            raise _Obstacle(f"A reply of ours already stands under the post ({found}).")
        return fresh

    def _begin(self, message: OutboxMessage, fresh: Post | None) -> Delivery | None:
        """Ask the gate and put the intent on disk, in one transaction. None: paused, moved on, or a dry run."""
        with self._store.transaction():
            if self._is_paused():
                return None
            self._ask_the_gate(message, fresh)
            if not self._move(message, OutboxState.SENDING, "daemon"):
                return None
            self._store.outbox.start_delivery(message.id, self._clock.now())
            reached(Edge.INTENT_WRITTEN)
            delivery = self._store.outbox.deliveries(message.id)[-1]
            if not self._is_dry(message.platform):
                return delivery
            sending = replace(message, state=OutboxState.SENDING)
            self._finish(sending, OutboxState.SENT, delivery, "dry_run", sent_at=self._clock.now(), dry_run=True)
            return None

    def _ask_the_gate(self, message: OutboxMessage, fresh: Post | None) -> None:
        mention = self._store.mentions.get(message.mention_id)
        if self._store.outbox.replaced_since(mention.id, message.approved_at):
            raise _Obstacle(_EDITED)
        if mention.brand not in {brand.name for brand in self._settings.brands}:
            raise _Obstacle(_NO_BRAND)
        if self._store.agents.has_left(message.approved_by):
            raise _Obstacle(_LEFT)
        facts = gather(
            self._store,
            self._settings,
            self._clock.now(),
            mention,
            automated=message.automated,
            message=message,
            fresh=fresh,
        )
        verdict = judge(facts)
        if verdict.mode is not (Mode.AUTO if message.automated else Mode.AGENT):
            raise _Obstacle(" ".join(verdict.reasons))

    def _deliver(self, message: OutboxMessage, delivery: Delivery) -> None:
        try:
            external_id = self._channels[message.platform].send(message)
            reached(Edge.ANSWERED)
        except PostUncertain as error:
            self._uncertain(message, delivery, str(error))
        except PostRefused as error:
            if error.retry_at is None:
                self._finish(message, OutboxState.REFUSED, delivery, "refused", reason=error.detail or str(error))
                self._trip.on_refusals(message.platform)
            else:
                self._put_back(message, delivery, error, error.retry_at)
        except (PlatformError, BudgetSpent) as error:
            self._put_back(message, delivery, error, self._retry_at(error))
        except BaseException:
            self._uncertain(message, delivery, "Sending was interrupted.")
            raise
        else:
            self._sent(message, delivery, external_id, self._clock.now())

    def _sent(self, message: OutboxMessage, delivery: Delivery, external_id: str, at: datetime) -> None:
        with self._store.transaction():
            self._finish(message, OutboxState.SENT, delivery, "sent", external_id=external_id, sent_at=at)
            self._cases.answered(message.case_id, at, message.approved_by, message)

    def _uncertain(self, message: OutboxMessage, delivery: Delivery, reason: str) -> None:
        look_at = self._clock.now() + self._settings.answers.settle_after
        self._finish(message, OutboxState.UNCERTAIN, delivery, "uncertain", reason=reason, next_try_at=look_at)

    def _put_back(self, message: OutboxMessage, delivery: Delivery, error: Exception, retry_at: datetime) -> None:
        with self._store.transaction():
            self._store.outbox.finish_delivery(delivery.id, "postponed", self._clock.now(), str(error))
            self._store.outbox.move(message, OutboxState.QUEUED, reason=str(error), next_try_at=retry_at)
            self._tell(message, "outbox.postponed", "daemon", reason=str(error), retry_at=retry_at.isoformat())

    def _settle(self, message: OutboxMessage) -> bool:
        channel = self._channels.get(message.platform)
        if channel is None:
            return False
        delivery = self._store.outbox.deliveries(message.id)[-1]
        try:
            found = channel.find_reply(message, delivery.started_at - MARGIN)
        except (PlatformError, BudgetSpent) as error:
            self._store.outbox.postpone(message, self._retry_at(error), message.reason)
            return False
        reached(Edge.LOOKED_FOR)
        if found is not None:
            self._sent(message, delivery, found, delivery.started_at)
            return True
        return self._not_found(message)

    def _not_found(self, message: OutboxMessage) -> bool:
        answers = self._settings.answers
        with self._store.transaction():
            self._store.outbox.looked_for(message, self._clock.now() + answers.settle_after)
            if message.settle_checks + 1 < answers.settle_checks:
                return False
            looks = f"It was looked for {answers.settle_checks} times and not found."
            self._park(message, f"{message.reason} {looks}")
            return True

    def _finish(
        self,
        message: OutboxMessage,
        to: OutboxState,
        delivery: Delivery,
        outcome: str,
        *,
        reason: str = "",
        external_id: str | None = None,
        sent_at: datetime | None = None,
        next_try_at: datetime | None = None,
        dry_run: bool = False,
    ) -> None:
        """Write down how an attempt ended, together with where the message stands now."""
        with self._store.transaction():
            self._store.outbox.finish_delivery(delivery.id, outcome, self._clock.now(), reason)
            moved = self._store.outbox.move(
                message,
                to,
                reason=reason,
                external_id=external_id,
                sent_at=sent_at,
                next_try_at=next_try_at,
                dry_run=dry_run,
            )
            if moved:
                self._tell(message, f"outbox.{to}", "daemon", reason=reason, dry_run=dry_run or None)
            if moved and to is OutboxState.REFUSED:
                self._cases.not_answered(message.case_id, "daemon")
            reached(Edge.RESULT_WRITTEN)

    def _park(self, message: OutboxMessage, reason: str) -> None:
        with self._store.transaction():
            if self._move(message, OutboxState.PARKED, "daemon", reason):
                self._cases.not_answered(message.case_id, "daemon")
            reached(Edge.PARKED_WRITTEN)

    def _move(self, message: OutboxMessage, to: OutboxState, actor: str, reason: str = "") -> bool:
        if not self._store.outbox.move(message, to, reason=reason):
            return False
        self._tell(message, f"outbox.{to}", actor, reason=reason)
        return True

    def _wait(self, message: OutboxMessage, error: Exception) -> None:
        """Try a message again later; told once for each reason, however often it is tried."""
        retry_at = self._retry_at(error)
        with self._store.transaction():
            self._store.outbox.postpone(message, retry_at, str(error))
            if message.reason != str(error):
                self._tell(message, "outbox.postponed", "daemon", reason=str(error), retry_at=retry_at.isoformat())

    def _retry_at(self, error: Exception) -> datetime:
        soonest = self._clock.now() + _PATIENCE
        return max(error.retry_at, soonest) if isinstance(error, RateLimited) else soonest

    def _is_paused(self) -> bool:
        return follow_file(self._store, self._settings, self._clock) is not None

    def _is_dry(self, platform: Platform) -> bool:
        platforms = self._settings.platforms
        return (platforms.x if platform is Platform.X else platforms.reddit).sending != "on"

    def _tell(self, message: OutboxMessage, kind: str, actor: str, **detail: object) -> None:
        self._store.events.add(
            Event(
                at=self._clock.now(),
                kind=kind,
                actor=actor,
                mention_id=message.mention_id,
                case_id=message.case_id,
                outbox_id=message.id,
                brand=self._store.mentions.get(message.mention_id).brand,
                detail={name: value for name, value in detail.items() if value not in (None, "")},
            )
        )


def _was_edited(mention: Mention, fresh: Post, message: OutboxMessage) -> bool:
    """Tell whether a post is another than the one that was answered: a new version (X) or a later edit (Reddit).

    In the first minutes Reddit lets an edit pass unmarked, so the words are compared as well, while we still have them.
    """
    known = mention.post.edited_at
    later = fresh.edited_at is not None and (known is None or fresh.edited_at > known)
    other_words = bool(mention.post.text) and fresh.text != mention.post.text
    return fresh.reply_target != message.target_id or later or other_words
