"""What is told of a returned file that is not the issued one, signed."""

from app.returning import SAID
from app.signing import answers


def test_every_reason_has_its_words_in_chinese() -> None:
    assert SAID.keys() == answers.REASONS
    assert len(set(SAID.values())) == len(SAID)
