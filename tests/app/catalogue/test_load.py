"""templates/ fits together, or the service does not start and says what is wrong where."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from app.catalogue import Issuer
from app.catalogue.load import load
from app.catalogue.reading import read_yaml
from app.config import ROOT
from app.errors import ConfigurationError

PACK = "jurisdictions/cn/pack.yaml"
DISCLOSURES = "jurisdictions/cn/disclosures.yaml"
LEXICON = "jurisdictions/cn/lexicon.yaml"
DOCUMENT = "documents/dunning_letter/document.yaml"
REMINDER = "documents/payment_reminder/document.yaml"


def issuer(folder: Path) -> Issuer:
    return Issuer(folder.name, {}, b"")


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "templates", tmp_path / "templates"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_product_s_own_templates_load(templates: Path) -> None:
    catalogue = load(templates, templates / "issuers", issuer)

    assert "dunning_letter" in catalogue.types
    assert {line.item for line in catalogue.packs["cn"].disclosures} >= {f"D{number}" for number in range(1, 14)}


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        (PACK, "severity: block", "severity: maybe", "severity"),
        (PACK, "    use: addressee_is_obligor\n", "", "missing use"),
        (PACK, "id: R05", "id: R01", "stands twice"),
        (PACK, "pack: cn", "pack: us", "lies in the folder"),
        (PACK, "      instrument: 商业银行信用卡业务监督管理办法\n", "", "missing instrument"),
        (PACK, "      confidence: high", "      confidence: sure", "confidence"),
        (PACK, "applies_to: [dunning_letter]", "applies_to: [dunning_leter]", "no document type"),
        (DISCLOSURES, "applies_to: [dunning_letter]", "applies_to: [dunning_leter]", "no document type"),
        (DISCLOSURES, "picture: stamp", "picture: chop", "a picture is one of"),
        (DISCLOSURES, "points: 10.5", "points: 0", "points above 0"),
        (DOCUMENT, "kind: pdf", "kind: picture", "there is pdf and text"),
        (DOCUMENT, "kind: pdf", "kind: text", "made from a .txt file"),
        (REMINDER, "template: sms.txt", "template: letter.docx", "made from a .txt file"),
        (REMINDER, "template: sms.txt", "template: letter.txt", "twin"),
        (REMINDER, "name: sms\n", "name: letter\n", "the same name"),
        (REMINDER, "  - name: letter\n    kind: pdf\n    template: letter.docx\n", "", "parts that have pages"),
        (DISCLOSURES, "part: sms", "part: fax", "one text part"),
        (DISCLOSURES, "        part: sms\n", "", "one text part"),
        (DISCLOSURES, "part: sms", "part: sms\n        points: 12", "a text has no pictures"),
        (DISCLOSURES, "part: sms", "part: sms\n        pages: last", "a text has no pictures"),
        (DISCLOSURES, "part: sms", "part: sms\n        conspicuous: true", "a text has no pictures"),
        (DISCLOSURES, "picture: stamp", "picture: stamp\n        conspicuous: true", "of wording alone"),
        (DISCLOSURES, "points: 10.5", "points: 10.5\n        conspicuous: loudly", "true or false"),
        (DISCLOSURES, "points: 10.5", "points: 10.5\n        conspicuous: 1", "true or false"),
        (PACK, "since: 2011-01-13", "since: soon", "are days"),
        (PACK, 'version: "2026.11.1"', 'version: "1"\nversion: "2"', "stands twice"),
        (PACK, "rules:\n", "rules: [\n", "pack.yaml"),
        (PACK, "    severity: block\n", "    severity: block\n    weight: 3\n", "unknown weight"),
        (DOCUMENT, "type: dunning_letter", "type: other_letter", "lies in the folder"),
        (DOCUMENT, "jurisdiction: cn", "jurisdiction: us", "no pack"),
        (DOCUMENT, "template: letter.docx", "template: gone.docx", "is missing"),
        (DOCUMENT, "signer: issuer", "signer: nobody", "signer"),
        (DOCUMENT, "signer: issuer", "signer: issuer\ncountersigned_by: promisor", "none of its facts"),
        (DOCUMENT, "signer: issuer", "signer: issuer\ncountersigned_by: ''", "none of its facts"),
        (DOCUMENT, "signer: issuer", "signer: issuer\ncountersigned_by:", "none of its facts"),
        (DOCUMENT, "signer: issuer", "signer: issuer\ncountersigned_by: [parties]", "none of its facts"),
    ],
)
def test_a_mistake_stops_the_start_and_names_the_file(
    templates: Path, file: str, old: str, new: str, complaint: str
) -> None:
    change(templates / file, old, new)

    with pytest.raises(ConfigurationError, match=complaint):
        load(templates, templates / "issuers", issuer)


def test_a_type_is_closed_or_not_and_nothing_between(templates: Path) -> None:
    path = templates / "documents/dunning_letter/document.yaml"
    assert not load(templates, templates / "issuers", issuer).types["dunning_letter"].closed
    change(path, "signer: issuer", "signer: issuer\nclosed: true")
    assert load(templates, templates / "issuers", issuer).types["dunning_letter"].closed

    change(path, "closed: true", "closed: mostly")
    with pytest.raises(ConfigurationError, match="closed is true or false"):
        load(templates, templates / "issuers", issuer)


def test_wording_may_be_asked_to_stand_out(templates: Path) -> None:
    change(templates / DISCLOSURES, "points: 10.5", "points: 10.5\n        conspicuous: true")

    lines = load(templates, templates / "issuers", issuer).packs["cn"].disclosures
    marked = [
        need for line in lines for need in line.require if need.conspicuous and "dunning_letter" in line.applies_to
    ]

    assert [need.points for need in marked] == [10.5]


@pytest.mark.parametrize("file", [PACK, DISCLOSURES])
def test_an_empty_pack_stops_the_start(templates: Path, file: str) -> None:
    lines = (templates / file).read_text("utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line in {"rules:", "disclosures:"})
    (templates / file).write_text("\n".join([*lines[:start], f"{lines[start]} []"]), "utf-8")

    with pytest.raises(ConfigurationError, match="empty pack"):
        load(templates, templates / "issuers", issuer)


def test_a_document_type_that_no_rule_speaks_about_stops_the_start(templates: Path) -> None:
    text = (templates / PACK).read_text("utf-8").replace("dunning_letter", "other_letter")
    (templates / PACK).write_text(text, "utf-8")

    with pytest.raises(ConfigurationError, match="no rule"):
        load(templates, templates / "issuers", issuer)


def test_a_text_part_that_no_disclosure_speaks_about_stops_the_start(templates: Path) -> None:
    (templates / "documents/payment_reminder/fax.txt").write_text("还款提醒")
    change(
        templates / REMINDER, "signer: issuer", "  - name: fax\n    kind: text\n    template: fax.txt\nsigner: issuer"
    )

    with pytest.raises(ConfigurationError, match="no disclosure of pack 'cn' speaks about its part fax"):
        load(templates, templates / "issuers", issuer)


def test_the_digest_of_a_type_covers_its_text_and_not_the_twin_of_its_word_file(templates: Path) -> None:
    def named() -> str:
        return load(templates, templates / "issuers", issuer).types["payment_reminder"].sha256

    before = named()
    change(templates / "documents/payment_reminder/letter.txt", "还款", "付款")
    assert named() == before
    change(templates / "documents/payment_reminder/sms.txt", "还款", "付款")
    assert named() != before


def test_two_types_with_the_same_word_in_their_numbers_stop_the_start(templates: Path) -> None:
    """Both would give out the number 示范催函〔2026〕1号."""
    shutil.copytree(templates / "documents" / "dunning_letter", templates / "documents" / "other_letter")
    change(templates / "documents" / "other_letter" / "document.yaml", "type: dunning_letter", "type: other_letter")
    for file in (PACK, DISCLOSURES, LEXICON):
        text = (templates / file).read_text("utf-8").replace("[dunning_letter]", "[dunning_letter, other_letter]")
        (templates / file).write_text(text, "utf-8")

    with pytest.raises(ConfigurationError, match="number_word"):
        load(templates, templates / "issuers", issuer)


def test_two_issuers_with_the_same_prefix_stop_the_start(templates: Path) -> None:
    shutil.copytree(templates / "issuers" / "demo_bank", templates / "issuers" / "other_bank")

    with pytest.raises(ConfigurationError, match="number_prefix"):
        load(templates, templates / "issuers", lambda folder: Issuer(folder.name, {"number_prefix": "示范"}, b""))


def test_a_change_of_law_is_a_new_line_beside_the_old_one(templates: Path) -> None:
    path = templates / PACK
    text = path.read_text("utf-8")
    start = text.index("  - id: R05")
    line = text[start : text.index("  - id: R10")]
    old, new = line.replace("until: null", "until: 2026-12-31"), line.replace("since: 2011-01-13", "since: 2027-01-01")
    path.write_text(text.replace(line, old + new), "utf-8")
    pack = load(templates, templates / "issuers", issuer).packs["cn"]

    for day, since in ((date(2026, 12, 31), date(2011, 1, 13)), (date(2027, 1, 1), date(2027, 1, 1))):
        assert [rule.since for rule in pack.rules_for("dunning_letter", day) if rule.id == "R05"] == [since]


def test_what_an_entry_names_is_kept_byte_for_byte(templates: Path) -> None:
    catalogue = load(templates, templates / "issuers", issuer)
    named = [
        catalogue.types["dunning_letter"].sha256,
        catalogue.packs["cn"].digest,
        catalogue.issuers["demo_bank"].sha256,
    ]

    for digest in named:
        assert hashlib.sha256(catalogue.bundles[digest]).hexdigest() == digest
    assert (templates / "documents/dunning_letter/letter.docx").read_bytes() in catalogue.bundles[named[0]]
    assert (templates / "issuers/demo_bank/stamp.png").read_bytes() in catalogue.bundles[named[2]]


def test_on_is_a_word_and_not_true(tmp_path: Path) -> None:
    path = tmp_path / "some.yaml"
    path.write_text("on: 2026-11-23\nyes: no\nsure: true\n")

    assert read_yaml(path) == {"on": date(2026, 11, 23), "yes": "no", "sure": True}


def test_the_digest_of_a_pack_changes_with_any_byte_of_its_files(templates: Path) -> None:
    def digest() -> str:
        return load(templates, templates / "issuers", issuer).packs["cn"].digest

    before = digest()
    change(templates / DISCLOSURES, "signed_off_by: null", "signed_off_by: null  # seen")

    assert digest() != before


def test_a_pack_counts_as_reviewed_only_when_all_files_bear_the_same_lawyer_s_name(templates: Path) -> None:
    def review(name: Callable[[str], str]) -> str:
        for file in (PACK, DISCLOSURES, LEXICON):
            path = templates / file
            path.write_text(
                path.read_text("utf-8").replace("signed_off_by: null", f"signed_off_by: {name(file)}"), "utf-8"
            )
        return load(templates, templates / "issuers", issuer).packs["cn"].review

    assert review(lambda _: "null") == "未经律师审核"
    assert review(lambda file: "null" if file == PACK else "某律师") == "未经律师审核"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("    category: F-B\n", "    category: F-Z\n", "'F-Z' is not declared"),
        ("  F-B: 侮辱贬损\n", "  F-B: 侮辱贬损\n  F-Z: 其他\n", "nothing is listed under"),
        ("      - 老赖\n", "      - 赖\n", "too short"),
        ("      - 老赖\n", "      - 老赖\n      - 老 賴\n", "stands twice"),
        ("      - 老赖\n", "      - 24\n", "list of strings"),
        ("      - '必须在.{0,8}", "      - '必须在.*", "not understood"),
        ("    allowed_in: [cn.letter.D05,", "    allowed_in: [cn.letter.D5,", "names no disclosure"),
        ("    applies_to: [payment_reminder]", "    applies_to: [payment_remainder]", "no document type"),
        ("id: F-B.label", "id: F-B.insult", "stands twice"),
        ("    title: 侮辱\n", "", "missing title"),
        ("      confidence: policy", "      confidence: sure", "confidence"),
        ("    since: 2021-01-01", "    since: soon", "are days"),
    ],
)
def test_a_mistake_in_the_lexicon_stops_the_start_and_names_the_file(
    templates: Path, old: str, new: str, complaint: str
) -> None:
    change(templates / LEXICON, old, new)

    with pytest.raises(ConfigurationError, match=complaint):
        load(templates, templates / "issuers", issuer)


def test_a_mistake_in_the_lexicon_is_told_with_its_line(templates: Path) -> None:
    path = templates / LEXICON
    change(path, "    category: F-B\n", "    category: F-Z\n")
    number = path.read_text("utf-8").splitlines().index("  - id: F-B.insult") + 1

    with pytest.raises(ConfigurationError, match=rf"lexicon\.yaml:{number}: line F-B\.insult"):
        load(templates, templates / "issuers", issuer)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "    severity: block\n    use: is_overdue",
            "    severity: fatal\n    use: is_overdue",
            "severity or proven_by",
        ),
        ("    use: is_overdue\n", "", "missing use"),
        (
            "    proven_by: gate\n    message:\n      zh: 至出具之日",
            "    proven_by: page\n    message:\n      zh: 至出具之日",
            "nobody",
        ),
    ],
)
def test_a_mistake_in_a_rule_is_told_with_its_line(templates: Path, old: str, new: str, complaint: str) -> None:
    path = templates / "jurisdictions" / "cn" / "pack.yaml"
    change(path, old, new)
    number = path.read_text("utf-8").splitlines().index("  - id: R05") + 1

    with pytest.raises(ConfigurationError, match=rf"pack\.yaml:{number}: rule R05: .*{complaint}"):
        load(templates, templates / "issuers", issuer)


def test_a_rule_knows_where_it_is_written(templates: Path) -> None:
    pack = load(templates, templates / "issuers", issuer).packs["cn"]
    [rule] = [rule for rule in pack.rules if rule.id == "R05"]
    path, _, number = rule.place.rpartition(":")

    assert Path(path).read_text("utf-8").splitlines()[int(number) - 1] == "  - id: R05"


def test_a_pack_without_a_lexicon_or_with_an_empty_one_stops_the_start(templates: Path) -> None:
    path = templates / LEXICON
    start = path.read_text("utf-8").index("\nlexicon:\n")
    path.write_text(path.read_text("utf-8")[:start] + "\nlexicon: []\n", "utf-8")
    with pytest.raises(ConfigurationError, match="not empty"):
        load(templates, templates / "issuers", issuer)
    path.unlink()
    with pytest.raises(ConfigurationError, match=r"lexicon\.yaml"):
        load(templates, templates / "issuers", issuer)


def test_the_digest_of_a_pack_covers_its_lexicon(templates: Path) -> None:
    before = load(templates, templates / "issuers", issuer).packs["cn"].digest
    change(templates / LEXICON, "      - 老赖\n", "")

    assert load(templates, templates / "issuers", issuer).packs["cn"].digest != before


def test_who_signs_after_us_is_a_field_of_the_request(templates: Path) -> None:
    change(templates / DOCUMENT, "signer: issuer", "signer: issuer\ncountersigned_by: addressee")

    types = load(templates, templates / "issuers", issuer).types

    assert types["dunning_letter"].countersigned_by == "addressee"
    assert types["payment_reminder"].countersigned_by == ""


def test_one_party_or_each_of_a_list_signs_after_us(templates: Path) -> None:
    letter = load(templates, templates / "issuers", issuer).types["dunning_letter"]
    promise, agreement = replace(letter, countersigned_by="promisor"), replace(letter, countersigned_by="signers")
    facts = {"promisor": "p1", "signers": [{"party": "p1"}, {"party": "p2"}]}

    assert [kind.countersigners(facts) for kind in (letter, promise, agreement)] == [0, 1, 2]
    assert [kind.countersigners({"promisor": None, "signers": []}) for kind in (letter, promise, agreement)] == [0] * 3
