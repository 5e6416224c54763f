"""How bad it is for the author: the model's scores set a start, plain rules raise it, reasons say why.

Only complaints have a severity, and what tells of danger, fraud or somebody vulnerable without complaining: those who
are hurt often write calmly. A model that has learnt of harm hears danger that no word tells of, and is asked whether
words of danger are a manner of speaking ("this sale is on fire").

The reasons come from this file and never quote the post: they outlive it, and a deleted post must be
gone everywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from classifiers.scores import Scores
from classifiers.text import for_rules
from store.records import Severity

_CLEARLY_NEGATIVE = 0.7
_CLEARLY_COMPLAINT = 0.8
_HARDLY_NEGATIVE = 0.4
_CLEARLY_POSITIVE = 0.5
_IN_DANGER = 0.35  # shares of critical harm; chosen on the practice posts and on writers that taught nothing
_IN_NO_DANGER = 0.01
_LESSER = tuple(each for each in Severity if each is not Severity.CRITICAL)

# The published levels say how strongly somebody reproaches; critical is kept for danger.
_OF_REPROACH = {
    "no_explicit_reproach": (Severity.LOW, "names a problem without a reproach"),
    "disapproval": (Severity.MEDIUM, "disapproves"),
    "accusation": (Severity.MEDIUM, "accuses the company"),
    "blame": (Severity.HIGH, "blames the company"),
}

# What the model itself says of the harm, where it has learnt that.
_OF_HARM = {
    Severity.LOW: "reads like an annoyance",
    Severity.MEDIUM: "reads like something that does not work, is late or costs money",
    Severity.HIGH: "reads like a grave matter for the author",
    Severity.CRITICAL: "reads like danger to somebody",
}


@dataclass(frozen=True, slots=True)
class _Sign:
    """Words that tell of harm: severity is at least ``least``, and one step more, up to high, where ``raises``.

    ``calm`` ones count without a complaint as well, ``always`` ones also in glad words and where the model hears no
    danger: who means to die, or has lost all, may well be bitter or calm about it, and a person must read it.
    """

    reason: str
    pattern: re.Pattern[str]
    least: Severity = Severity.LOW
    raises: bool = False
    calm: bool = False
    always: bool = False


def _words(phrases: str) -> re.Pattern[str]:
    """A pattern for whole words from lines of phrases with " | " between them."""
    alternatives = [phrase.strip() for line in phrases.strip().splitlines() for phrase in line.split(" | ")]
    return re.compile(rf"\b(?:{'|'.join(alternatives)})\b")


_NTH = r"(?:second|third|fourth|fifth|sixth|2nd|3rd|\d+th|nth|umpteenth)"
_WRITING = (
    r"(?:writ\w+|wrote|call\w*|ask\w*|e-?mail\w*|tweet\w*|contact\w*|complain\w*|r[au]ng|phon\w*|messag\w*|chas\w+"
    r"|report\w*|tell\w*|told)"
)
_TAKING = r"(?:took|tak(?:en|ing)|stolen?|drain(?:ed|ing)|empt(?:ied|ying)|wip(?:ed|ing) out|lost|los(?:e|ing)|cost me)"
_SAVINGS = r"(?:my|our|her|his|their) (?:\w+ )?savings"
_OWN = re.compile(r"\b(?:i|i'm|i've|me|my|we|we're|us|our|you|your|yours)\b")  # somebody's own matter, and no news

_SIGNS: tuple[_Sign, ...] = (
    _Sign(
        "tells of danger to people or property",
        _words(r"""
            caught (?:on )?fire | (?:house|kitchen|electrical) fire | (?:burst into|in) flames
            fire (?:brigade|department|engines?) | burn(?:t|ed|ing)? (?:down|the house)
            (?:is|was|it's|almost|nearly) (?:on fire|smoking(?! hot)|sparking|burning(?! through)|melting)
            (?<!\bi )(?<!\bi've )started (?:smoking|sparking|burning(?! through)|melting)
            sparks (?:flew|flying|coming|came) | explo(?:ded|des|sion|ding) | gas leak
            melt(?:s|ed|ing) (?:the|my|its|your|our|down|through) | smoke from
            smoke (?:alarm (?:went|goes)|fill\w*|pour\w*|everywhere)
            smoke (?:(?:is|was|started) )?(?:com(?:es?|ing)|came|rising)
            (?:full of|clouds? of|saw|see|smell|smells|smelled|smelt|smelling|so much) (?:of )?smoke
            smell(?:s|ed|ing)?(?: of| like)? (?:gas|burning) | (?:gas|burning) smell
            electric(?:al)? shock | electrocuted | burn(?:t|ed|s) (?:my|his|her) | injur(?:y|ed|ies)
            ambulance | emergency (?:calls?|services|number) | unsafe | dangerous | hazard | carbon monoxide
            food poisoning | allergic reaction | could have (?:died|been killed)
        """),
        least=Severity.CRITICAL,
        calm=True,
    ),
    _Sign(
        "speaks of dying by their own hand",
        _words(r"""
            (?:kill|unalive)(?:ing)? myself | want to (?:hurt|harm) myself | suicid\w* | self[- ]harm\w*
            tak(?:e|ing) my own life | end(?:ing)? (?:it all|my (?:own )?life) | (?:wants? to|wanna) die
            (?:no|any|much|little|the|see a|other) (?:point|reason) (?:in|to|of) (?:living|live|being here|be here)
            nothing (?:left )?to live for | better off (?:dead|without me)
            (?:don't|do not|no longer|can't|cannot) (?:want to )?(?:live|be alive|be here|go on living) any ?more
        """),
        least=Severity.CRITICAL,
        calm=True,
        always=True,
    ),
    _Sign(
        "tells of fraud or a stolen account",
        _words(r"""
            fraud\w* | scam(?:med|ming|mers?|s)? | hacked | identity theft | stole(?:n)? | phish\w*
            unauthori[sz]ed | data (?:breach|leak) | someone (?:else )?(?:used|accessed|logged into) my
        """),
        least=Severity.HIGH,
        calm=True,
    ),
    _Sign(
        "tells of savings that are gone",
        _words(rf"""
            {_TAKING} (?:\w+ ){{0,2}}{_SAVINGS}
            {_SAVINGS} (?:is|are|was|were|has|have|just|all) (?:\w+ ){{0,2}}(?:gone|lost|stolen|wiped|empt\w+|vanished)
        """),
        least=Severity.MEDIUM,
        calm=True,
        always=True,
    ),
    _Sign(
        "money was taken or is owed",
        _words(r"""
            charged (?:me )?(?:twice|double|again|three times|extra) | (?:double|over)[- ]?charg\w+
            took (?:\S+ ){0,3}(?:money|from my) | money back | refund\w* | direct debit
            (?:my|the) (?:bank )?account (?:is|was) (?:emptied|debited|overdrawn)
            still (?:been |being )?charg\w+ | billed (?:me )?(?:twice|for|again) | owe me
        """),
        least=Severity.MEDIUM,
    ),
    _Sign(
        "the service is out",
        _words(r"""
            outage
            no (?:internet|service|signal|power|connection|wi-?fi|hot water|heating|water|electricity|phone|broadband)
            (?:internet|service|network|wi-?fi|line)s? (?:(?:is|are|has|been|was|went|still) )+(?:down|out|dead|off)
            (?:site|website|app|server|system)s? (?:(?:is|are|has|have|been|was|went|still) )+(?:down|out|dead|off)
            (?:down|out) (?:again|since|for (?:the|over|more|\w+ (?:hours?|days?|weeks?)))
            cut(?:s|ting)? (?:me |us )?off | stopped working
            without (?:internet|service|signal|power|heating|water|phone)
        """),
        least=Severity.MEDIUM,
    ),
    _Sign(
        "threatens legal steps or a regulator",
        _words(r"""
            lawyers? | solicitors? | attorney | legal action
            (?:to|will|gonna|could|should|'ll|going to) sue | suing | lawsuit | small claims
            (?:in|to|see you in) court | ombudsman | ofcom | ofgem | fcc | trading standards
            consumer (?:protection|rights|affairs) | regulator | bbb | better business bureau | police
            attorney general
        """),
        least=Severity.HIGH,
    ),
    _Sign(
        "somebody vulnerable is affected",
        _words(r"""
            disabled | hospital(?:s|i[sz]ed)? | ventilator | disability | wheelchair | elderly | pensioner | dementia
            (?:8|9)\d[- ]year[- ]old | my (?:nan|gran|grandma|grandmother|grandad|grandfather) | newborn
            (?:my|our|her|his|their|sick|premature) (?:\w+ )?baby | pregnant | oxygen | dialysis | insulin
            (?:medical|pendant|telecare|personal|panic|care) alarm | medical (?:device|equipment|condition)
            (?:lives?|living) alone | (?:he|she)(?:'s| is) (?:8|9)\d | cancer | chemo\w* | bereave\w*
            (?:mum|mom|dad|husband|wife|father|mother) (?:has |just |recently )?(?:died|passed away)
        """),
        least=Severity.MEDIUM,
        raises=True,
        calm=True,
    ),
    _Sign(
        "was ignored before",
        _words(rf"""
            {_NTH} (?:e-?mail|call|message|tweet|complaint|letter)
            {_NTH} time (?:that )?(?:i|we|i've|we've|i'm)(?: have| am| had to)? (?:now )?{_WRITING}
            {_WRITING}(?: \w+)? for the {_NTH} time
            (?:no|not (?:one|a single)|zero|without (?:a|any)) (?:reply|response|answer|call ?back|word)
            (?:still|been) ignored | ignor(?:ed|es|ing) (?:me|us|my|by|again|every)
            (?:keep|kept|keeps) (?:ignoring|transferring|passing|fobbing|hanging) | hung up on
            nobody (?:answers|replies|responds|cares|helps|calls)
            no ?one (?:answers|replies|responds|cares|helps|calls|has) | how many (?:more )?times
            (?:asked|called|emailed|rang|phoned|written|messaged)(?: \w+){{0,2}} (?:\d+|three|four|five|many) times
            (?:days|weeks|months) (?:later|now|and (?:still|no|nothing))
        """),
        least=Severity.MEDIUM,
        raises=True,
    ),
    _Sign("it is not the first time", _words(f"{_NTH} time"), least=Severity.MEDIUM),
    _Sign("still waits", _words("still waiting | been waiting | on hold (?:for|since)"), least=Severity.MEDIUM),
    _Sign(
        "says that they are leaving",
        _words(r"""
            cancel(?:l?ing|l?ed)? (?:my|our|the|this) (?:\w+ )?(?:contract|subscription|account|service|plan|membership)
            switch(?:ing|ed)? (?:to|provider) | never (?:again|buy|use|fly|shop|order)\w*
            lost a customer | last time (?:i|we) (?:ever )?(?:buy|use|shop|fly|order|book|will)
            taking my (?:business|money) | leaving (?:you|for) | moving to another
        """),
        least=Severity.MEDIUM,
    ),
)

_CALM = tuple(sign for sign in _SIGNS if sign.calm)


def severity_of(text: str, scores: Scores, *, complaint: bool | None = True) -> tuple[Severity | None, tuple[str, ...]]:
    """Return how bad it is and why, the gravest reason first; (None, ()) for what is neither a complaint nor grave."""
    plain = for_rules(text)
    asked = _SIGNS if complaint else _CALM
    signs = [sign for sign in asked if sign.pattern.search(plain) and not _spoken_lightly(sign, scores)]
    if not complaint:
        return _said_calmly(plain, scores, signs)
    weighed = [*((sign.least, sign.reason) for sign in signs), *_starts(scores)]
    level = max((each for each, _ in weighed), key=lambda each: each.rank)
    if scores.harm is None:  # who has learnt of harm has learnt these as well
        for _ in [sign for sign in signs if sign.raises]:
            level = _one_more(level)
    return level, tuple(reason for _, reason in sorted(weighed, key=lambda each: -each[0].rank))


def _spoken_lightly(sign: _Sign, scores: Scores) -> bool:
    """Whether these are words of danger in which the model reads none."""
    return (
        not sign.always
        and sign.least is Severity.CRITICAL
        and scores.danger is not None
        and scores.danger < _IN_NO_DANGER
    )


def _said_calmly(plain: str, scores: Scores, signs: list[_Sign]) -> tuple[Severity | None, tuple[str, ...]]:
    """Harm to the author that the model heard no complaint in; no praise ("my new baby loves it") and no news."""
    positive = scores.sentiment["positive"] if scores.sentiment else 0.0
    glad = positive >= _CLEARLY_POSITIVE and not scores.glad_in_anger
    told = [sign for sign in signs if sign.always or not glad]
    found = [(sign.least, sign.reason) for sign in told if _OWN.search(plain)]
    if _in_danger(scores) and not glad:
        found.append((Severity.CRITICAL, _OF_HARM[Severity.CRITICAL]))
    if not found:
        return None, ()
    found.sort(key=lambda each: -each[0].rank)
    return found[0][0], tuple(reason for _, reason in found)


def _in_danger(scores: Scores) -> bool:
    """Whether the model hears enough danger, and more of it than of any lesser harm."""
    if scores.harm is None or scores.danger is None:
        return False
    return scores.danger >= max(_IN_DANGER, *(scores.harm[each] for each in _LESSER))


def _starts(scores: Scores) -> list[tuple[Severity, str]]:
    """Where the model puts it, by what it has learnt of harm; a reproach is told of, but makes nothing graver."""
    if scores.harm is None:
        return [_start(scores)]
    harm = scores.harm
    level = Severity.CRITICAL if _in_danger(scores) else max(_LESSER, key=lambda each: harm[each])
    found = [(level, _OF_HARM[level])]
    if scores.reproach is not None:
        reproach, reason = _start(scores)
        found.append((min(level, reproach, key=lambda each: each.rank), reason))
    return found


def _start(scores: Scores) -> tuple[Severity, str]:
    """Without that: by the strength of the reproach, else by how sure and how negative it is."""
    if scores.reproach is not None:
        return _OF_REPROACH[max(scores.reproach, key=scores.reproach.__getitem__)]
    negative = scores.sentiment["negative"] if scores.sentiment else 0.5
    certain = (scores.complaint or 0.0) >= _CLEARLY_COMPLAINT
    if certain and negative >= _CLEARLY_NEGATIVE:
        return Severity.MEDIUM, "a clear complaint in strong words"
    if certain or negative >= _HARDLY_NEGATIVE:
        return Severity.LOW, "a complaint without strong words"
    return Severity.LOW, "perhaps a complaint, hardly negative"


def _one_more(level: Severity) -> Severity:
    """One step worse, up to high: only danger is critical by words alone."""
    return level if level.rank >= Severity.HIGH.rank else list(Severity)[level.rank + 1]
