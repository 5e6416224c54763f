"""Gathering what the gate goes by: from the store, the settings, and a fresh look at the post when there is one."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from config.settings import Settings
from config.types import within_hours
from responders.eligibility import Facts
from responders.optouts import OPTED_OUT, opts_out
from responders.routing import language_of
from responders.sensitive import is_sensitive
from store.records import Assessment, Case, Mention, OutboxMessage, OutboxState, Platform, Post
from store.store import Store

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def gather(
    store: Store,
    settings: Settings,
    now: datetime,
    mention: Mention,
    *,
    automated: bool,
    has_template: bool = True,
    message: OutboxMessage | None = None,
    fresh: Post | None = None,
) -> Facts:
    """Return the facts about answering a mention.

    ``message`` is the answer under judgement, so that it is not counted against itself; ``fresh`` is the post
    as the platform shows it right now.
    """
    post = mention.post
    platform, author = post.platform, post.author
    but = message.id if message else 0
    assessment = store.assessments.current([mention.id]).get(mention.id)
    outbox = store.outbox
    standing = outbox.answer_to(platform, post.external_id, but)
    acknowledged = standing is not None and is_acknowledgement(standing)
    answers, reddit = settings.answers, settings.platforms.reddit
    return Facts(
        now=now,
        platform=platform,
        posted_at=post.posted_at,
        automated=automated,
        deleted=mention.deleted_at is not None,
        replayed=mention.replayed,
        summoned=post.summoned and (fresh or post).summoned,
        reply_settings=(fresh or post).reply_settings,
        community=post.community,
        own_post=_is_own(settings, mention),
        author_is_bot=(fresh or post).author.is_bot,
        sensitive=is_sensitive(post.text, answers.sensitive_words),
        unsure=assessment is not None and assessment.unsure,
        language=_language(mention, assessment),
        suppressed=_suppressed(store, settings, mention),
        answered=(standing is not None and not acknowledged) or store.own_posts.answers_by_hand(mention.id),
        acknowledged=acknowledged,
        agent_at_work=_agent_at_work(store.cases.of_mention(mention.id)),
        automated_in_conversation=outbox.automated_in(platform, author.external_id, post.conversation_id, but),
        replies_in_submission=outbox.in_conversation(platform, post.conversation_id, but),
        replies_in_community=outbox.in_community(platform, post.community, now - _DAY, but) if post.community else 0,
        last_automated_at=outbox.last_automated_to(platform, author.external_id, but),
        automated_last_hour=outbox.automated_since(platform, now - _HOUR, but),
        automated_last_day=outbox.automated_since(platform, now - _DAY, but),
        has_template=has_template,
        quiet=_is_quiet(settings, mention, now),
        paused=store.switches.paused(),
        max_age=answers.max_age,
        author_cooldown=answers.author_cooldown,
        cap_per_hour=answers.cap_per_hour,
        cap_per_day=answers.cap_per_day,
        reddit_approved=reddit.access_approved,
        reddit_registered=reddit.app_registered,
        subreddits=tuple(reddit.subreddits),
        replies_per_submission=reddit.replies_per_submission,
        replies_per_community=reddit.replies_per_subreddit,
    )


def is_acknowledgement(message: OutboxMessage) -> bool:
    """Tell whether a message is an automated reply that was delivered: a person's answer may still be owed."""
    return message.automated and message.state is OutboxState.SENT


def _suppressed(store: Store, settings: Settings, mention: Mention) -> str | None:
    """Return why an author is not written to. A post in which they opt out counts before it has been routed."""
    post = mention.post
    suppression = store.suppressions.get(post.platform, post.author.external_id)
    if suppression is not None:
        return suppression.reason
    waiting = store.mentions.waiting_of(post.platform, post.author.external_id)
    return OPTED_OUT if any(opts_out(store, settings, one.post) for one in waiting) else None


def _language(mention: Mention, assessment: Assessment | None) -> str | None:
    return language_of(mention, assessment) if assessment else mention.post.language


def _is_own(settings: Settings, mention: Mention) -> bool:
    """Tell whether one of the brands' own accounts wrote the post; handles ignore case on both platforms."""
    own = {
        handle.casefold()
        for brand in settings.brands
        for handle in (brand.handles.x if mention.post.platform is Platform.X else brand.handles.reddit)
    }
    return mention.post.author.handle.casefold() in own


def _agent_at_work(case: Case | None) -> bool:
    return case is not None and case.assignee_id is not None


def _is_quiet(settings: Settings, mention: Mention, now: datetime) -> bool:
    hours = settings.answers.quiet_hours
    zone = ZoneInfo(settings.brand_or_default(mention.brand).time_zone)
    return hours is not None and within_hours(now.astimezone(zone).time(), hours)
