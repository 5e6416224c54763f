"""What the author is doing: from the heads of complaint and kind, or from plain rules where a model lacks the latter.

A complaint that is put as a question ("why is my bill wrong again?") is a complaint. Who only calls ("please help",
"anyone there?") asks a question, whatever a model says. Of the rules the first that fits decides: spam, suggestion,
question, thanks, praise, other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from classifiers.scores import Scores
from classifiers.text import for_rules
from store.records import Kind

_POSITIVE_ENOUGH = 0.5
_NEGATIVE_ENOUGH = 0.5

_SPAM = re.compile(
    r"\b(giveaway|airdrop|crypto signals?|forex|(free|cheap|buy|more) (\w+ )?followers"
    r"|use (my )?(promo |discount )?code"
    r"|dm me to (earn|invest)|earn \$?\d[\d,.]*k?|work from home|make money|click (the|this) link|link in (my )?bio"
    r"|limited offer|buy now|whatsapp \+?\d[\d -]*|casino|betting tips|onlyfans|100% guaranteed"
    r"|invest(ment)? (platform|expert|manager))\b"
)
_LURES = re.compile(
    r"\bhttp\b|[a-z]/\S|\d ?%|[$£€₹₦]\s?\d|\d ?(?:usd|eur|gbp|k)\b"
    r"|\b(?:free|win|winners?|gifts?|giveaway|prizes?|rewards?|follow|retweet|rt|codes?|dms?|cheap|sale|selling|offers?|deals?"
    r"|earn\w*|crypto|airdrop|forex|whatsapp|telegram|bio|discounts?|promo|coupons?|vouchers?|profits?|invest\w*|followers"
    r"|double|triple|generator|unlimited|referral|invite|sign up|profile|recover\w*"
    r"|(?:message|contact|ask) (?:me|her|him|@)|inbox|slots)\b"
)
# Who asks whether it is real, or reports it, does not sell it.
_ABOUT_SPAM = re.compile(
    r"(?<!no )(?<!not )(?<!not a )\b(scam(s|mers?)?|fakes?|phishing|impersonat\w*|pretend\w*|hoax)\b"
    r"|\b(is|are) (it|this|that|these|they) (\w+ ){0,2}(real|legit|genuine|you|yours|from you)\b"
    r"|\breally (you|from you|yours)\b|\b(take|taken) (it|this|them|that) down\b"
)
_MANY_TAGS = re.compile(r"(?:#\w+\W*){5,}")
_SUGGESTION = re.compile(
    r"\b((you|they|u) (guys )?(should|could|ought to) (really |maybe |also )?\w+"
    r"|please (add|bring back|consider|make it)"
    r"|(would|it'd|it would) be (so |really )?(nice|great|good|cool|helpful|awesome)( if)?"
    r"|feature request|suggestion|i (suggest|propose)|i('d| would) (love|like) to see"
    r"|how about (adding|making|a)|why not (add|make|let|offer)|i wish (you|they|there|we could))\b"
)
_QUESTION_START = re.compile(
    r"^(?:(?:@user|hi|hello|hey|ok|so|quick question|question)[\s,.:;!-]*)*"
    r"(?!what an?\b|would (?:highly |not |never )?recommend\b|\w+n't\b|can't\b)"
    r"(who|what|when|where|why|which|whose|how|is|are|am|was|were|do|does|did|can|could|will|would|should"
    r"|has|have|any(one|body)?|may i)\b"
)
_QUESTION_PHRASE = re.compile(
    r"\b(does any(one|body) know|can (some|any)(one|body)|i('d| would) like to know"
    r"|wondering (if|when|how|why|what))\b"
)
# Nothing but a call to be answered. The head takes these for chat: of the posts that taught it next to none is so bare.
_CALL = re.compile(
    r"(?=.*\b(?:help|sos|any(?:one|body)|there|dms?|message|call|answer|reply|respond|contact)\b)"
    r"(?:(?:@user|hi|hello|hey|please|pls|plz|guys|team|sos|urgent(?:ly)?|asap|now"
    r"|(?:i|we) (?:need|want)(?: some| your)?|(?:can|could|will|would) (?:you|u|some(?:one|body)|any(?:one|body))"
    r"|help(?: me| us)?(?: out)?|(?:is )?(?:any|some)(?:one|body)(?: there| home| alive| here)?"
    r"|(?:are )?(?:you|u) there|(?:dm|message|call|answer|contact) (?:me|us)(?: back)?"
    r"|(?:reply|respond)(?: to (?:me|us))?|check (?:your|ur) dms?)\b[^\w@]*+)++"
)
_THANKS = re.compile(
    r"\b(thanks?( you| u)?|thx|ty|tysm|cheers|much appreciated|grateful|appreciate (it|you|the|your))\b"
)
# Masked, or written without its scheme. (The model was taught with those as they are: masking them as well cost it
# two points on brand_sentiment.)
_LINK = re.compile(r"\bhttp\b|(?<![\w@.-])(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}/\S")


def kind_of(text: str, scores: Scores, complaint: bool | None) -> Kind:
    """Return the kind of a masked text; ``complaint`` is the thresholded head, None when the model has none."""
    if complaint:
        return Kind.COMPLAINT
    if _CALL.fullmatch(for_rules(text)):
        return Kind.QUESTION
    if scores.kind is not None:
        return _by_head(text, scores.kind)
    return _by_rules(text, scores)


def _by_head(text: str, shares: Mapping[str, float]) -> Kind:
    """The likeliest kind but complaint. Spam is ignored, so the head alone is not believed: somebody must lure too."""
    out = {Kind.COMPLAINT} if _LURES.search(for_rules(text)) else {Kind.COMPLAINT, Kind.SPAM}
    return max((kind for kind in Kind if kind not in out), key=lambda kind: shares.get(kind, 0.0))


def _by_rules(text: str, scores: Scores) -> Kind:
    plain = for_rules(text)
    if _is_spam(plain):
        return Kind.SPAM
    feeling = scores.sentiment or {"negative": 0.0, "positive": 0.0}
    negative = feeling["negative"] >= _NEGATIVE_ENOUGH
    if _SUGGESTION.search(plain) and not negative:
        return Kind.SUGGESTION
    glad = feeling["positive"] >= _POSITIVE_ENOUGH
    # "Was so happy with it" begins like a question.
    if "?" in plain or _QUESTION_PHRASE.search(plain) or (_QUESTION_START.search(plain) and not glad):
        return Kind.QUESTION
    if _THANKS.search(plain) and not negative:
        return Kind.THANKS
    return Kind.PRAISE if glad else Kind.OTHER


def _is_spam(plain: str) -> bool:
    """Words of selling, or a wall of hashtags, together with a link (every picture on X is one)."""
    sells = _SPAM.search(plain) or _MANY_TAGS.search(plain)
    return bool(sells and _LINK.search(plain) and not _ABOUT_SPAM.search(plain))
