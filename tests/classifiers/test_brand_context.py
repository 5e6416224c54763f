"""What a model is told of a brand: its accounts and its rivals are not strangers."""

from __future__ import annotations

from classifiers import BrandContext
from classifiers.embedded import Reading, beside_rivals, readings_for
from classifiers.names import unmarked
from classifiers.stream import any_brand
from config.settings import Brand


def test_the_accounts_of_the_settings_are_the_brand_in_the_models_reading() -> None:
    brand = Brand.model_validate({
        "name": "Brisk",
        "terms": ["Brisk Broadband"],
        "handles": {"x": ["BriskHelp"], "reddit": ["brisk-care"]},
        "competitors": ["Zenith Telecom", "@nadir"],
    })  # fmt: skip
    texts = ["@BriskHelp my line is dead", "u/brisk-care help", "@zenithtelecom is better, so is @Nadir", "@bob hi"]
    found = readings_for(texts, BrandContext.of(brand))
    assert found == [
        Reading("Brisk my line is dead", "Brisk"),
        Reading("Brisk help", "Brisk"),
        Reading("Zenith Telecom is better, so is nadir", "Brisk"),
        Reading("@user hi", "Brisk"),
    ]


def test_what_is_said_of_a_rival_is_not_read_for_the_brand() -> None:
    brand = BrandContext("Brisk", ("Brisk Broadband",), ("Zenith",))
    [found] = readings_for(["@zenith is terrible, thank god I'm with brisk broadband"], brand)
    assert found == Reading("thank god I'm with brisk broadband", "Brisk")


def test_a_rival_is_known_by_its_name_and_by_its_account() -> None:
    brand = BrandContext("Brisk", ("Brisk Broadband",), ("Zenith Telecom", "@nadir"))
    texts = ["ZENITH TELECOM is worse", "ask @zenithtelecom", "nadir or brisk?", "at the zenith of @bob's career", ""]
    assert [named for _, named in beside_rivals(texts, brand)] == [True, True, True, False, False]
    assert beside_rivals(texts, BrandContext("Brisk")) == beside_rivals(texts, None) == [(None, False)] * 5
    assert beside_rivals(["@zenithtelecom is awful, but Brisk is quick"], brand) == [("but Brisk is quick", True)]


def test_the_brands_names_are_marked_and_no_writer_can_mark_one() -> None:
    brand = BrandContext("Brisk", ("Brisk Broadband", "@BriskHelp"), ("Zenith",))
    texts = ["@BriskHelp, brisk broadband's engineer is BRISK", "brisker than Zenith", "\u25cf Zenith is better \u25cf"]
    assert [each.text for each in readings_for(texts, brand, marks=True)] == [
        "\u25cf Brisk, \u25cf brisk broadband's engineer is \u25cf BRISK",
        "brisker than Zenith",
        "black circle Zenith is better black circle",
    ]
    assert readings_for(["Brisk is down"], None, marks=True) == [Reading("Brisk is down")]
    assert unmarked("\u25cf Brisk and \u25cf Brisk") == "Brisk and Brisk"


def test_a_brand_that_nobody_configured_is_known_by_its_short_name_too() -> None:
    assert any_brand("Halden Bank").terms == ("Halden Bank", "HaldenBank", "Halden")
    assert any_brand("The Works").terms == ("The Works", "TheWorks")
    assert any_brand("Acme").terms == ("Acme",)
    [found] = readings_for(["halden's app, the bank"], any_brand("Halden Bank"), marks=True)
    assert found.text == "\u25cf halden's app, the bank"


def test_a_model_that_knows_marks_reads_what_is_said_of_a_rival_too() -> None:
    brand = BrandContext("Brisk", ("Brisk",), ("Zenith",))
    [found] = readings_for(["@zenith is terrible, thank god I'm with brisk"], brand, marks=True)
    assert found == Reading("Zenith is terrible, thank god I'm with \u25cf brisk", "Brisk")
