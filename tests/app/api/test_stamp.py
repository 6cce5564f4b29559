"""A letter whose stamp nobody agreed to is refused before anything is made."""

from pathlib import Path

from app.first_start import desk
from app.pipeline import utc_now
from app.store.api_keys import OPERATOR
from tests.app.api.conftest import opened, problem


def test_a_revoked_authorisation_of_the_stamp_stops_the_next_letter_at_the_gate(tmp_path: Path) -> None:
    for service in opened(tmp_path / "stamps", soffice="/bin/false", deadline="2"):
        with desk(service.house.settings) as office:
            [row] = office.stamps.listed("demo_bank")
            assert office.stamps.revoke(row.id, OPERATOR, utc_now())

        body = problem(service.post(service.sample()), 422, "refused")

        assert [(finding["rule"], finding["at"]) for finding in body["findings"]] == [("R09.stamp", "issuer")]
