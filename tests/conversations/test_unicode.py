"""Text: case folding, what is kept, and how it travels in URLs."""

import json
import urllib.parse

import pytest

from bodies import create, names, user
from scimclient import patch_op

DECOMPOSED = "Zoe\u0308"  # Zoe and a combining diaeresis
COMPOSED = "Zo\u00eb"


@pytest.mark.parametrize(
    "stored, asked",
    [
        ("straße", "STRASSE"),
        ("STRASSE", "straße"),
        ("Straße", "STRAẞE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("ἈΧΙΛΛΕΎΣ", "ἀχιλλεύς"),
        ("ÅNGSTRÖM", "ångström"),
        ("Łódź", "ŁÓDŹ"),
        ("ИВАН", "иван"),
        (COMPOSED, DECOMPOSED.upper()),
        (DECOMPOSED, COMPOSED),
        ("ﬁnn", "FINN"),
        ("\U00010400x", "\U00010428X"),  # Deseret
    ],
)
def test_userName_is_one_without_regard_to_case_in_every_script(scim, stored, asked):
    made = create(scim, user(stored))
    assert made["userName"] == stored
    answer = scim.get("/Users", filter=f'userName eq "{asked}"').expect(200).json
    assert [one["userName"] for one in answer["Resources"]] == [stored]
    scim.post("/Users", user(asked)).expect(409, "uniqueness")


@pytest.mark.parametrize("one, other", [("ıbrahim", "ibrahim"), ("İstanbul", "istanbul"), ("İ", "I")])
def test_the_Turkish_dotless_and_dotted_i_are_letters_of_their_own(scim, one, other):
    create(scim, user(one))
    create(scim, user(other))
    assert names(scim, f'userName eq "{one}"') == {one}
    assert names(scim, f'userName eq "{other}"') == {other}


def test_I_and_i_are_one_letter_whatever_the_locale(scim):
    create(scim, user("IBRAHIM"))
    assert names(scim, 'userName eq "ibrahim"') == {"IBRAHIM"}


def test_accents_make_a_difference(scim):
    create(scim, user("jose"))
    create(scim, user("josé"))
    assert names(scim, 'userName eq "JOSÉ"') == {"josé"}


def test_externalId_has_regard_to_case_and_form(scim):
    create(scim, user("a", externalId="straße"))
    assert names(scim, 'externalId eq "straße"') == {"a"}
    assert names(scim, 'externalId eq "STRASSE"') == set()


@pytest.mark.parametrize("expression", ['co "STRASSE"', 'sw "haupts"', 'ew "SSE 7"', 'eq "HAUPTSTRASSE 7"'])
def test_folding_holds_for_every_operator(scim, expression):
    create(scim, user("a", displayName="Hauptstraße 7"))
    assert names(scim, f"displayName {expression}") == {"a"}


TEXTS = [
    "naïve café",
    "日本語テキスト",
    "العربية",
    "👩‍👩‍👧‍👦 family",
    "\U0001f600",
    "a\u0000b".replace("\u0000", "\u0001"),
    "tab\tnewline\nreturn\r",
    "quote\" back\\slash /slash",
    "\u2028\u2029\ufeff",
    DECOMPOSED,
    "\u007f\u0080\uffff",
    "</script><b>",
    "  spaces  ",
]


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_any_text_comes_back_as_it_was_sent(scim, text):
    made = create(scim, user("ada", displayName=text, emails=[{"value": text, "type": text}]))
    read = scim.get(f"/Users/{made['id']}").json
    assert read["displayName"] == text and read["emails"] == [{"value": text, "type": text}]
    (found,) = scim.get("/Users", filter=f"displayName eq {json.dumps(text)}").expect(200).json["Resources"]
    assert found["displayName"] == text
    after = scim.patch(f"/Users/{made['id']}", patch_op(op="replace", path="title", value=text)).json
    assert after["title"] == text


def test_escaped_and_plain_UTF_8_are_one_body(scim):
    plain = json.dumps(user("a", displayName="Straße 😀"), ensure_ascii=False)
    escaped = json.dumps(user("b", displayName="Straße 😀"), ensure_ascii=True)
    assert scim.post("/Users", plain).expect(201).json["displayName"] == "Straße 😀"
    assert scim.post("/Users", escaped).expect(201).json["displayName"] == "Straße 😀"
    assert names(scim, 'displayName eq "Straße 😀"') == {"a", "b"}


def test_escapes_in_a_filter_literal_count(scim):
    create(scim, user("straße"))
    assert names(scim, r'userName eq "Stra\u00dfe"') == {"straße"}
    assert names(scim, r'userName eq "\u0053TRASSE"') == {"straße"}


@pytest.mark.parametrize("safe", ["", "/:?", "\"' "], ids=["all", "some", "few"])
def test_percent_encoding_in_a_query_is_read(scim, safe):
    create(scim, user("ada+test@exämple.com"))
    text = urllib.parse.quote('userName eq "ada+test@exämple.com"', safe=safe).replace(" ", "%20")
    assert scim.get(f"/Users?filter={text}").expect(200).json["totalResults"] == 1


def test_a_plus_in_a_query_is_a_space(scim):
    create(scim, user("ada"))
    assert scim.get("/Users?filter=userName+eq+%22ada%22").expect(200).json["totalResults"] == 1


def test_percent_encoding_in_a_path_is_read(scim):
    made = create(scim, user("ada"))
    encoded = "".join(f"%{ord(character):02X}" for character in made["id"])
    assert scim.get(f"/Users/{encoded}").expect(200).json["id"] == made["id"]
    assert scim.get(f"/%55sers/{made['id']}").expect(200).json["id"] == made["id"]


def test_an_encoded_slash_is_no_separator(scim):
    made = create(scim, user("ada"))
    scim.get(f"/Users%2F{made['id']}").expect(404)
    scim.get(f"/Users/{made['id']}%2Fx").expect(404)


@pytest.mark.parametrize("text", ["%", "%2", "%zz", "%00", "%ff", "%c3%28", "%ed%a0%80", "%c0%80"])
def test_broken_percent_encoding_is_refused(scim, text):
    assert scim.get(f"/Users/{text}").status in (400, 404)
    answer = scim.get(f"/Users?filter=userName%20eq%20%22{text}%22")
    assert answer.status == 400


def test_dots_in_a_path_lead_nowhere(scim):
    create(scim, user("ada"))
    for path in ("/Users/..", "/Users/../Users", "/Users/%2e%2e/Users", "/./Users", "//Users"):
        assert scim.get(f"/Users/../{path}").status in (400, 404), path
