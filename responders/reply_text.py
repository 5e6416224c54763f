"""Putting an answer into words: which template fits a post, what it may say, and what its text is checked against."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

from config.clock import Clock
from config.settings import Settings
from responders.guardrails import TextContext, is_repeat
from responders.routing import language_of
from responders.templates import NAME_KEPT, Template, Templates
from store.records import Assessment, Mention, Platform
from store.store import Store

_REPEATS_SEEN_FOR = timedelta(days=1)
# Apart from its letters a display name may be anything: a link, an advertisement, somebody else's handle.
_NOT_A_NAME = re.compile(r"[@#/\\:<>{}\[\]]|\.\w|www", re.IGNORECASE)


class ReplyText:
    """The words of answers."""

    def __init__(self, store: Store, settings: Settings, clock: Clock, templates: Templates) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._templates = templates

    def compose(self, mention: Mention, actor: str, name: str | None) -> tuple[str | None, str]:
        """Return the template and the text that a draft begins with; an empty text when no template offers itself.

        ``KeyError``: there is no template of the name for this platform.
        """
        template = self._named(mention, name) if name else self._offered(mention)
        if template is None:
            return None, ""
        return template.name, self.rendered(template, mention, self._initials(actor))

    def template_for(self, mention: Mention, name: str) -> Template | None:
        """Return the template of a name that fits the post's platform and is in its language."""
        return self._templates.find(name, mention.post.platform, self._language(mention))

    def rendered(self, template: Template, mention: Mention, initials: str) -> str:
        """Return a template's text for the author of a post: the first variant that nobody else has just heard."""
        texts = list(template.renderings(self._values(mention, initials), target=mention.post.external_id))
        recent = self._recent(mention.post.platform)
        return next((text for text in texts if not is_repeat(text, recent)), texts[0])

    def context(self, mention: Mention, actor: str, *, automated: bool) -> TextContext:
        """Return what the guardrails need to know about an answer to a post."""
        platform = mention.post.platform
        assessment = self._assessment(mention)
        prices = self._settings.platforms.x.prices
        return TextContext(
            platform=platform,
            automated=automated,
            initials=self._initials(actor),
            private_route=self._settings.brand_or_default(mention.brand).private_route,
            complaint=bool(assessment and assessment.complaint),
            forbidden_words=self._settings.answers.forbidden_words,
            recent_texts=self._recent(platform),
            link_price_usd=prices.post_create_with_link_usd if platform is Platform.X else 0.0,
            levels=self._settings.guardrails,
        )

    def _recent(self, platform: Platform) -> list[str]:
        return self._store.outbox.texts_since(platform, self._clock.now() - _REPEATS_SEEN_FOR)

    def _named(self, mention: Mention, name: str) -> Template:
        """Return what an agent asks for: in the post's language, or else in one that the brand answers in."""
        languages = [self._language(mention), *self._settings.brand_or_default(mention.brand).languages]
        found = (self._templates.find(name, mention.post.platform, language) for language in languages)
        template = next((one for one in found if one is not None), None)
        if template is None:
            raise KeyError(name)
        return template

    def _offered(self, mention: Mention) -> Template | None:
        assessment = self._assessment(mention)
        fitting = self._templates.for_(mention.post.platform, self._language(mention))
        return next((one for one in fitting if assessment and assessment.kind in one.when), None)

    def _assessment(self, mention: Mention) -> Assessment | None:
        return self._store.assessments.current([mention.id]).get(mention.id)

    def _language(self, mention: Mention) -> str | None:
        assessment = self._assessment(mention)
        return language_of(mention, assessment) if assessment else mention.post.language

    def _values(self, mention: Mention, initials: str) -> dict[str, str]:
        post = mention.post
        brand = self._settings.brand_or_default(mention.brand)
        assessment = self._assessment(mention)
        handle = f"@{post.author.handle}" if post.platform is Platform.X else f"u/{post.author.handle}"
        return {
            "brand": brand.name,
            "author_handle": handle,
            "author_name": plain_name(post.author.name) or handle,
            "topic": (assessment.recognised_topic if assessment else None) or "",
            "initials": initials,
            "private_route": brand.private_route,
            "community": post.community,
        }

    def _initials(self, actor: str) -> str:
        kind, _, agent_id = actor.partition(":")
        return self._store.agents.get(int(agent_id)).initials if kind == "agent" else ""


def plain_name(name: str) -> str:
    """Return a display name as a reply may repeat it, or nothing when it is more than a name."""
    shown = "".join(sign for sign in name if unicodedata.category(sign)[0] in "LMNPZ")
    shown = " ".join(shown.split())
    return "" if _NOT_A_NAME.search(shown) or len(shown) > NAME_KEPT else shown
