"""/metrics: for whoever watches and runs the installation, with templates for routes and nothing of a case."""

from pathlib import Path

import pytest

from app.gate.cases import changed
from app.house import House
from tests.app.api.conftest import Service, opened, problem


def numbers(service: Service) -> dict[str, float]:
    answer = service.get("/metrics", role="monitor")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.mark.parametrize("role", ["upstream", "counsel", "compliance", "stranger"])
def test_it_is_not_for_those_who_issue_or_read(deaf: Service, role: str) -> None:
    problem(deaf.get("/metrics", role=role), 403, "forbidden")


def test_without_a_key_it_tells_nothing(deaf: Service) -> None:
    problem(deaf.http.get("/metrics"), 401, "unauthenticated")


def test_whoever_runs_the_installation_may_read_it(deaf: Service) -> None:
    assert deaf.get("/metrics", role="admin").status_code == 200


@pytest.mark.parametrize("path", ["/v1/documents", "/v1/audit/entries", "/v1/audit/export"])
def test_a_key_that_watches_reads_no_document_and_no_entry(deaf: Service, path: str) -> None:
    problem(deaf.get(path, role="monitor"), 403, "forbidden")
    problem(deaf.post(deaf.sample(), role="monitor"), 403, "forbidden")


def test_a_failure_and_a_refusal_are_counted_by_step_type_and_rule(deaf: Service) -> None:
    before = numbers(deaf)
    deaf.post(deaf.sample())
    refused = deaf.post(changed(deaf.sample(), {"delivery.address_kind": "work"}))
    rules = [finding["rule"] for finding in problem(refused, 422, "refused")["findings"]]
    after = numbers(deaf)

    def grown(name: str) -> float:
        return after[name] - before.get(name, 0)

    letters = 'type="dunning_letter"'
    assert grown(f'duly_documents_total{{outcome="failed",{letters}}}') == 1
    assert grown(f'duly_documents_total{{outcome="refused",{letters}}}') == 1
    assert after[f'duly_documents_total{{outcome="issued",{letters}}}'] == 0
    assert all(grown(f'duly_refusals_total{{rule="{rule}"}}') == 1 for rule in rules)
    assert grown('duly_step_seconds_count{result="failed",step="convert"}') == 1
    assert grown('duly_step_seconds_count{result="refused",step="approve"}') == 1
    assert grown('duly_append_seconds_count{part="commit"}') == 4
    assert grown('duly_requests_total{method="POST",route="/v1/documents/dunning_letter",status="422"}') == 1
    assert grown("duly_log_entries") == 4
    assert after["duly_stuck_documents"] == 0


def test_a_route_is_its_template(deaf: Service) -> None:
    deaf.get("/v1/documents/0195b2f0-0000-7000-8000-000000000001/files/letter.pdf?x=1")
    deaf.get("/0195b2f0-0000-7000-8000-000000000001")

    said = numbers(deaf)
    assert said['duly_requests_total{method="GET",route="/v1/documents/<uuid:document_id>/files/<name>",status="404"}']
    assert said['duly_requests_total{method="GET",route="none",status="404"}']
    assert not any("0195b2f0" in name for name in said)


def test_a_checkpoint_that_stays_behind_is_seen(deaf: Service) -> None:
    deaf.get("/v1/audit/checkpoint")
    covered = numbers(deaf)
    deaf.post(deaf.sample())
    behind = numbers(deaf)

    assert covered["duly_log_entries"] == covered["duly_checkpoint_entries"]
    assert behind["duly_log_entries"] == behind["duly_checkpoint_entries"] + 2


def test_a_store_that_cannot_be_read_is_said_and_its_number_is_missing(tmp_path: Path) -> None:
    for service in opened(tmp_path / "home", soffice="/bin/false", deadline="2"):
        folder = service.house.settings.checkpoints
        folder.rename(folder.with_name("elsewhere"))

        said = numbers(service)

        assert (said["duly_checkpoints_readable"], said["duly_database_readable"]) == (0, 1)
        assert "duly_checkpoint_entries" not in said


def test_a_database_that_cannot_be_read_is_said_as_well(deaf: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: House) -> int:
        raise OSError

    monkeypatch.setattr(House, "_entries", broken)

    said = numbers(deaf)
    assert said["duly_database_readable"] == 0
    assert "duly_log_entries" not in said


def test_what_is_over_a_limit_is_counted(tmp_path: Path) -> None:
    for service in opened(tmp_path / "home", soffice="/bin/false", rate_documents="1"):
        service.post(b"{")
        service.post(b"{")

        assert numbers(service)['duly_rate_exceeded_total{limit="documents"}'] == 1
