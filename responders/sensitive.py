"""Subjects that only a person may answer: self-harm, death, violence, health, law, minors.

Only that such a subject is touched leaves this module, never which one: X forbids deriving somebody's health and
the like, so it must not become a stored label. The lists are cautious on purpose; a post that lands here by
mistake is answered by a person, which is no harm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from responders.words import found_words

_WORDS = {
    "en": """
        kill myself|killing myself|suicide|suicidal|self harm|self-harm|end my life|ending my life|end it all|
        ending it all|want to die|wants to die|no reason to live|point in living|point in being here|better off dead|
        can't go on|cannot go on|cant go on|can not go on|my wife died|my husband died|my mother died|my father died|
        my mum died|my dad died|my son died|my daughter died|after the death of|death of my|funeral|passed away|
        deceased|bereavement|murder|violence|violent|attacked|assault|assaulted|abuse|abused|rape|stalker|stalking|
        threatened me|hospital|ambulance|medical|pacemaker|oxygen|dialysis|insulin|cancer|pregnant|disabled|disability|
        wheelchair|seizure|overdose|injured|injury|hurt myself|harm myself|heart attack|chemotherapy|epilepsy|
        miscarriage|domestic abuse|electrocuted|electric shock|burned|burnt|caught fire|on fire|carbon monoxide|lawyer|
        solicitor|attorney|lawsuit|sue you|suing|legal action|court|ombudsman|police|my child|my kid|my kids|
        my children|my baby|underage|year old son|year old daughter|emergency|dial 999|call 999|call 911|call 112""",
    "de": """
        selbstmord|suizid|umbringen|sterben|gestorben|todesfall|verstorben|beerdigung|gewalt|angegriffen|
        missbraucht|krankenhaus|notarzt|medizinisch|herzschrittmacher|sauerstoff|krebs|schwanger|behindert|
        rollstuhl|verletzt|stromschlag|verbrannt|es brennt|anwalt|rechtsanwalt|klage|verklagen|gericht|
        anzeige erstatten|polizei|mein kind|meine kinder|mein baby|notfall|notruf""",
    "es": """
        suicidio|suicidarme|matarme|morir|falleció|fallecido|funeral|violencia|agredido|abuso|hospital|
        ambulancia|médico|marcapasos|oxígeno|cáncer|embarazada|discapacidad|silla de ruedas|herido|quemado|
        incendio|abogado|demandar|demandaré|tribunal|denuncia|policía|mi hijo|mi hija|mis hijos|mi bebé|
        emergencia""",
    "fr": """
        suicide|me tuer|mourir|est mort|est morte|décédé|décès|enterrement|obsèques|violence|agressé|hôpital|
        ambulance|médical|pacemaker|oxygène|cancer|enceinte|handicapé|handicap|fauteuil roulant|blessé|brûlé|
        incendie|avocat|procès|tribunal|porter plainte|police|mon enfant|mes enfants|mon bébé|aux urgences""",
    "it": """
        suicidio|suicidarmi|uccidermi|farla finita|morire|è morto|è morta|deceduto|deceduta|funerale|lutto|violenza|
        aggredito|aggredita|abuso|ospedale|ambulanza|medico|pacemaker|ossigeno|cancro|incinta|disabile|disabilità|
        sedia a rotelle|ferito|ferita|ustionato|ustionata|incendio|preso fuoco|avvocato|denuncia|denunciare|querela|
        causa legale|tribunale|polizia|carabinieri|mio figlio|mia figlia|i miei figli|il mio bambino|minorenne|
        emergenza""",
    "nl": """
        zelfmoord|zelfdoding|mezelf iets aandoen|dood wil|overleden|overlijden|begrafenis|uitvaart|geweld|aangevallen|
        misbruik|mishandeld|ziekenhuis|ambulance|medisch|pacemaker|zuurstof|kanker|zwanger|gehandicapt|rolstoel|gewond|
        verbrand|in brand|brandwonden|elektrische schok|advocaat|rechtszaak|aanklagen|rechtbank|aangifte|politie|
        mijn kind|mijn kinderen|mijn zoon|mijn dochter|mijn baby|minderjarig|noodgeval|112 bellen""",
    "pt": """
        suicídio|suicidar|me matar|morrer|morreu|faleceu|falecido|falecida|funeral|luto|violência|agredido|agredida|
        abuso|hospital|ambulância|médico|marcapasso|oxigênio|câncer|cancro|grávida|deficiente|deficiência|
        cadeira de rodas|ferido|ferida|queimado|incêndio|pegou fogo|advogado|processar|processo judicial|tribunal|
        procon|polícia|meu filho|minha filha|meus filhos|meu bebê|menor de idade|emergência""",
}
LANGUAGES = frozenset(_WORDS)
_PHRASES = tuple(phrase.strip() for words in _WORDS.values() for phrase in words.split("|"))


def is_sensitive(text: str, further: Mapping[str, Sequence[str]] | None = None) -> bool:
    """Tell whether a post touches a subject that only a person may answer, in any of the languages we know.

    ``further`` are the operator's words by language; a post is searched for all of them, whatever its own.
    """
    operators = [word for words in (further or {}).values() for word in words]
    return bool(found_words(text, (*_PHRASES, *operators)))
