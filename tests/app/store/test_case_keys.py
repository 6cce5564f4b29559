"""Case keys: made once, wrapped by the master key, and gone for good when their row is."""

from pathlib import Path

import pytest

from app.errors import ConfigurationError, StepFailed
from app.store.case_keys import CaseKeys, commitment, new_master_key, read_master_key
from app.store.database import open_database

CASE = "00000000-0000-0000-0000-000000000001"


def test_a_case_has_one_key_for_ever(case_keys: CaseKeys) -> None:
    key = case_keys.ensure(CASE)

    assert case_keys.ensure(CASE) == key == case_keys.open(CASE)
    assert len(key) == 32


def test_a_case_without_a_key_cannot_be_opened(case_keys: CaseKeys) -> None:
    with pytest.raises(StepFailed):
        case_keys.open(CASE)


def test_many_keys_are_opened_at_once_all_of_them_or_none(case_keys: CaseKeys) -> None:
    made = {f"case-{number}": case_keys.ensure(f"case-{number}") for number in range(3)}

    assert case_keys.open_all(made) == made
    assert case_keys.open_all([]) == {}
    with pytest.raises(StepFailed):
        case_keys.open_all([*made, CASE])


def test_another_master_key_opens_nothing(case_keys: CaseKeys, tmp_path: Path) -> None:
    case_keys.ensure(CASE)
    stranger = CaseKeys(open_database(f"sqlite:///{tmp_path / 'case-keys.db'}"), bytes(32))

    with pytest.raises(StepFailed):
        stranger.open(CASE)


def test_the_database_of_keys_never_holds_a_key_in_the_clear(case_keys: CaseKeys, tmp_path: Path) -> None:
    key = case_keys.ensure(CASE)

    assert key not in (tmp_path / "case-keys.db").read_bytes()


def test_a_token_is_stable_and_differs_by_purpose_and_by_the_borders_between_its_values(case_keys: CaseKeys) -> None:
    token = case_keys.token("employee", "E1", "unit")

    assert case_keys.token("employee", "E1", "unit") == token
    assert case_keys.token("run", "E1", "unit") != token
    assert case_keys.token("employee", "E1u", "nit") != token


def test_a_commitment_needs_the_case_key() -> None:
    assert commitment(bytes(32), b"facts") != commitment(bytes([1] * 32), b"facts")
    assert commitment(bytes(32), b"facts") != commitment(bytes(32), b"facts!")


def test_a_master_key_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(new_master_key())

    assert len(read_master_key(path)) == 32


@pytest.mark.parametrize("content", ["", "not base64!", "c2hvcnQ="])
def test_a_master_key_that_is_none_is_refused_by_the_setting_s_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "master.key"
    path.write_text(content)

    with pytest.raises(ConfigurationError, match="DULY_MASTER_KEY"):
        read_master_key(path)
