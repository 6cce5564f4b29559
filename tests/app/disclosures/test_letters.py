"""Letters from Word through LibreOffice: what must pass passes, and every trick is refused with its reason."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from app.catalogue import Requirement
from app.disclosures import drawing
from app.disclosures.opening import opened
from app.disclosures.reader import read
from app.errors import DisclosureMissing
from app.text import fold
from tests.app.disclosures import cases, letters
from tests.reading import verify

pytestmark = pytest.mark.office

# Those letters have no stamp: it would lie over the filling.
WITHOUT_STAMP = [each for each in letters.REQUIRED if each.id != "stamp"]


@pytest.mark.parametrize("name", cases.ACCEPTED)
def test_a_sound_letter_is_proven(converted: Mapping[str, Path], name: str) -> None:
    pictures = {**letters.PICTURES, **cases.OTHER_STAMPS.get(name, {})}

    verified = verify(letters.assembled(converted[name]), letters.REQUIRED, pictures)

    # `agency` has no proof: the condition that asks for it does not hold.
    ids = ["name", "balance", "rate", "rights", "channel", "number", "stamp", "check"]
    assert [proof.id for proof in verified.proofs] == ids
    assert verified.pages == {name: 1}


@pytest.mark.parametrize("name", cases.REFUSED)
def test_a_trick_is_refused_and_named(converted: Mapping[str, Path], name: str) -> None:
    _, expected = cases.REFUSED[name]

    with pytest.raises(DisclosureMissing) as refusal:
        verify(letters.assembled(converted[name]), letters.REQUIRED, letters.PICTURES)

    assert refusal.value.missing == expected


@pytest.mark.parametrize("kind", ["same_header", "other_first_header"])
def test_a_sentence_broken_over_pages_is_found_with_header_and_footer_between(
    converted: Mapping[str, Path], kind: str
) -> None:
    broken = 0
    for name in (name for name in cases.BROKEN if kind in name):
        verified = verify(letters.assembled(converted[name]), WITHOUT_STAMP, letters.PICTURES)
        proofs = {proof.id: proof for proof in verified.proofs}
        broken += {box.page for box in proofs["rights"].boxes} == {1, 2}
        assert {box.page for box in proofs["number"].boxes} == {1, 2}  # in the header of every page

    assert broken > 0


def test_a_hundred_sentences_in_narrow_columns_are_found(converted: Mapping[str, Path]) -> None:
    found = 0
    for seed, rows in cases.COLUMNS.items():
        sentences = [sentence for row in rows for sentence in row]
        required = [
            letters.disclosure(f"s{number}", Requirement(texts=(sentence,)))
            for number, sentence in enumerate(sentences)
        ]
        verified = verify(letters.assembled(converted[f"columns{seed}"]), required, letters.PICTURES)
        assert [proof.text for proof in verified.proofs] == [fold(sentence).text for sentence in sentences]
        assert all(len(proof.boxes) > 1 for proof in verified.proofs)  # broken over lines
        found += len(verified.proofs)

    assert found >= 100


@pytest.mark.parametrize("name", cases.ACCEPTED)
def test_a_page_drawn_in_two_goes_is_the_page_drawn_in_one(converted: Mapping[str, Path], name: str) -> None:
    with opened(converted[name]) as (leaf,):
        sheet = read(leaf)
        some = frozenset(piece for piece in sheet.piece.tolist()[20:200] if piece >= 0)

        view = drawing.view(leaf, drawing.Wanted((some,), sheet.pictures[:1]))

        assert view.as_is.tobytes() == drawing.printed(leaf).tobytes()


def test_a_proof_says_where_and_what(sound: Path) -> None:
    verified = verify(letters.assembled(sound), letters.REQUIRED, letters.PICTURES)

    proofs = {proof.id: proof for proof in verified.proofs}
    assert proofs["name"].text == f"尊敬的{letters.NAME}先生"
    assert proofs["name"].source == "商业银行信用卡业务监督管理办法第六十九条"
    (box,) = proofs["name"].boxes
    assert (box.page, round(box.left)) == (1, 91)
    assert 9 < box.top - box.bottom < 12
    assert len(proofs["balance"].boxes) == 3  # lines


def test_the_documents_pages_are_numbered_through_its_parts(converted: Mapping[str, Path]) -> None:
    whole, next_one = converted["sound"], converted["in_red"]
    required = [letters.disclosure("last", Requirement(texts=(letters.FIRST,), pages="last"))]

    verified = verify(letters.assembled(whole, next_one), required, letters.PICTURES)

    assert verified.proofs[0].page == 2
    assert verified.pages == {"sound": 1, "in_red": 1}


def test_a_sentence_of_one_part_is_not_put_together_from_two(converted: Mapping[str, Path]) -> None:
    name, closing = letters.BLANKS["addressee"]["name"], letters.BLANKS["document"]["check_code"]
    across = letters.disclosure("across", Requirement(texts=(f"{closing}尊敬的{name}",)))

    with pytest.raises(DisclosureMissing):
        verify(letters.assembled(converted["sound"], converted["in_red"]), [across], letters.PICTURES)
