"""What a model is told of a brand: its accounts and its rivals are not strangers."""

from __future__ import annotations

from classifiers import BrandContext
from classifiers.embedded import Reading, beside_rivals, readings_for
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
