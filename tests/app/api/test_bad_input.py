"""Bad input: each kind has its status and its stable code, in a problem document, and leaves nothing behind."""

import io
import json
from typing import Any

import pytest

from app.gate.cases import changed
from tests.app.api.conftest import LETTERS, Service, problem, told


def paths(body: dict[str, Any]) -> set[str]:
    return {error["path"] for error in body["errors"]}


def test_every_invalid_field_is_named_by_its_path(deaf: Service) -> None:
    request = changed(
        deaf.sample(),
        {
            "account.card_number": "9998000000000006",
            "account.debts.0.total": "38256.48",
            "delivery.recipient.postcode": "12",
            "surprise": 1,
            "client_ref": None,
        },
    )

    body = problem(deaf.post(request), 422, "request.invalid")

    wanted = {"account.card_number", "account.debts.0.total", "delivery.recipient.postcode", "surprise", "client_ref"}
    assert paths(body) == wanted


def test_an_error_never_quotes_the_value(deaf: Service) -> None:
    request = changed(
        deaf.sample(), {"parties.0.identity.number": "110101194912310021", "parties.0.name": "王\u0000明"}
    )

    answer = deaf.post(request)

    problem(answer, 422, "request.invalid")
    assert "110101194912310021" not in answer.text
    assert "王" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"\xff\xfe{}",
        b'{"client_ref": "a", "client_ref": "b"}',
        b'{"account": {"debts": [{"total": 38256.47}]}}',
        b'{"total": NaN}',
        b'{"a":' * 100_000,
        b'{"a": ' + b"9" * 10_000 + b"}",
    ],
    ids=["empty", "cut off", "list", "string", "not utf-8", "same key twice", "float", "nan", "deep", "huge number"],
)
def test_what_is_not_strict_json_is_unreadable(deaf: Service, body: bytes) -> None:
    problem(deaf.post(body), 400, "request.unreadable")


def test_money_as_a_whole_number_is_refused_at_its_field(deaf: Service) -> None:
    body = problem(deaf.post(changed(deaf.sample(), {"account.debts.0.total": 38256})), 422, "request.invalid")

    assert "account.debts.0.total" in paths(body)


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_another_media_type_is_refused(deaf: Service, media_type: str) -> None:
    problem(deaf.post(deaf.sample(), Content_Type=media_type), 415, "request.media_type")


def test_a_body_over_one_mebibyte_is_refused(deaf: Service) -> None:
    problem(deaf.post(b" " * ((1 << 20) + 1)), 413, "request.too_large")


def test_a_body_over_one_mebibyte_is_refused_in_chunks_too(deaf: Service) -> None:
    """Without a length, everything after the first mebibyte would otherwise be dropped in silence."""
    answer = deaf.http.post(
        LETTERS,
        input_stream=io.BytesIO(b'{"a": 1}' + b" " * (2 << 20)),
        headers={"Authorization": f"Bearer {deaf.keys['upstream']}", "Content-Type": "application/json"},
        environ_overrides={"wsgi.input_terminated": True},
    )

    problem(answer, 413, "request.too_large")


def test_an_unknown_type_is_not_found(deaf: Service) -> None:
    problem(deaf.post(deaf.sample(), path="/v1/documents/love_letter"), 404, "not_found")


def test_an_unknown_address_is_not_found(deaf: Service) -> None:
    problem(deaf.get("/v2/documents"), 404, "not_found")


def test_a_method_that_does_not_exist_is_refused(deaf: Service) -> None:
    problem(deaf.http.delete(LETTERS), 405, "method_not_allowed")


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer duly_wrong", "Basic dXNlcjpwYXNz", "duly_wrong"])
def test_no_or_a_wrong_key_is_unauthenticated(deaf: Service, value: str) -> None:
    answer = deaf.http.post(LETTERS, data=b"{}", headers={"Authorization": value, "Content-Type": "application/json"})

    problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("role", ["compliance", "counsel", "admin"])
def test_only_upstream_may_issue(deaf: Service, role: str) -> None:
    problem(deaf.post(deaf.sample(), role=role), 403, "forbidden")


@pytest.mark.parametrize("path", ["/v1/audit/entries", "/v1/audit/checkpoint", "/v1/audit/export"])
def test_upstream_may_not_read_the_log(deaf: Service, path: str) -> None:
    problem(deaf.get(path), 403, "forbidden")


def test_a_key_may_not_ask_for_an_issuer_it_is_not_bound_to(deaf: Service) -> None:
    problem(deaf.post(deaf.sample(), role="unbound"), 403, "forbidden")


def test_an_issuer_outside_the_register_is_an_invalid_field(deaf: Service) -> None:
    body = problem(deaf.post(changed(deaf.sample(), {"issuer": "other_bank"})), 422, "request.invalid")

    assert paths(body) == {"issuer"}


def test_a_debt_in_a_currency_that_cannot_be_paid_to_the_issuer_is_an_invalid_field(deaf: Service) -> None:
    body = problem(deaf.post(changed(deaf.sample(), {"account.debts.0.currency": "GBP"})), 422, "request.invalid")

    assert paths(body) == {"account.debts.0.currency"}


@pytest.mark.parametrize("document_id", ["00000000-0000-0000-0000-000000000000", "not-an-id"])
@pytest.mark.parametrize("rest", ["", "/receipt", "/disclosures", "/files/letter.pdf"])
def test_an_unknown_document_is_not_found(deaf: Service, document_id: str, rest: str) -> None:
    problem(deaf.get(f"/v1/documents/{document_id}{rest}"), 404, "not_found")


def test_an_idempotency_key_beyond_its_length_is_refused(deaf: Service) -> None:
    problem(deaf.post(deaf.sample(), Idempotency_Key="x" * 201), 422, "request.invalid")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=many", "before=yesterday"])
def test_a_page_that_cannot_be_is_refused(deaf: Service, query: str) -> None:
    problem(deaf.get(f"/v1/documents?{query}"), 422, "request.invalid")


def test_a_place_in_the_log_beyond_all_places_is_refused(deaf: Service) -> None:
    problem(deaf.get("/v1/audit/entries?start=9223372036854775808", role="compliance"), 422, "request.invalid")


def test_the_description_is_the_same_each_time(deaf: Service) -> None:
    first, second = deaf.http.get("/openapi.json").get_json(), deaf.http.get("/openapi.json").get_json()

    assert first == second
    for response in second["components"]["responses"].values():
        assert response["content"]["application/problem+json"]["schema"]


def test_a_request_id_that_is_a_word_is_replaced(deaf: Service) -> None:
    answer = deaf.http.get("/livez", headers={"X-Request-Id": "王小明"})

    assert len(answer.headers["X-Request-Id"]) == 36


def test_without_libreoffice_the_answer_is_503_and_nothing_is_released(deaf: Service) -> None:
    answer = deaf.post(deaf.sample())

    body = problem(answer, 503, "step.failed")
    assert body["step"] == "convert"
    assert answer.headers["Retry-After"]
    newest = told(deaf.get("/v1/documents?limit=1"))["documents"][0]
    assert newest["status"] == "failed"
    problem(deaf.get(f"/v1/documents/{newest['id']}/files/letter.pdf"), 404, "not_found")
    assert deaf.http.get("/readyz").status_code == 503
    assert deaf.http.get("/livez").status_code == 200


def test_a_failure_frees_its_idempotency_key(deaf: Service) -> None:
    problem(deaf.post(deaf.sample(), Idempotency_Key="again"), 503, "step.failed")
    problem(deaf.post(deaf.sample(), Idempotency_Key="again"), 503, "step.failed")

    second, first = told(deaf.get("/v1/documents?limit=2"))["documents"]
    assert first["id"] != second["id"]
    assert (first["status"], second["status"]) == ("failed", "failed")


def test_the_working_folder_is_empty_afterwards(deaf: Service) -> None:
    deaf.post(deaf.sample())

    left = [path for path in deaf.house.settings.work.iterdir() if path.name != "office"]
    assert left == []


def test_a_refused_request_names_rule_source_and_place_and_stays_refused(deaf: Service) -> None:
    request = changed(deaf.sample(), {"delivery.address_kind": "work"})

    first = problem(deaf.post(request, Idempotency_Key="refused"), 422, "refused")
    second = problem(deaf.post(request, Idempotency_Key="refused"), 422, "refused")

    [finding] = first["findings"]
    assert (finding["rule"], finding["at"]) == ("R03", "delivery.address_kind")
    assert "法释〔2021〕10号" in finding["source"]
    assert finding["message"]
    assert finding["message_en"]
    assert second["findings"] == first["findings"]


def test_a_refusal_is_an_entry_in_the_log_with_its_intent(deaf: Service) -> None:
    deaf.post(changed(deaf.sample(), {"delivery.reserved": False}))

    entries = told(deaf.get("/v1/audit/entries?limit=1000", role="compliance"))["entries"]
    last, before = json.loads(entries[-1]["entry"]), json.loads(entries[-2]["entry"])
    assert (before["action"], last["action"]) == ("intended", "refused")
    assert last["intent_seq"] == entries[-2]["seq"]
    assert [finding["rule"] for finding in last["findings"]] == ["R03"]


def test_the_same_key_with_another_body_is_refused(deaf: Service) -> None:
    request = changed(deaf.sample(), {"delivery.reserved": False})
    deaf.post(request, Idempotency_Key="reused")

    problem(deaf.post(changed(request, {"client_ref": "OTHER"}), Idempotency_Key="reused"), 422, "idempotency.reused")


def test_keys_of_different_organisations_do_not_meet(deaf: Service) -> None:
    request = changed(deaf.sample(), {"delivery.reserved": False})
    problem(deaf.post(request, Idempotency_Key="shared"), 422, "refused")

    problem(deaf.post(changed(request, {"client_ref": "X"}), role="stranger", Idempotency_Key="shared"), 422, "refused")


def test_the_legal_day_may_be_chosen_with_the_specimen_key_and_is_logged(deaf: Service) -> None:
    on = "2026-01-05"
    problem(deaf.post(changed(deaf.sample(), {"on": on})), 422, "refused")  # its figures are of another day

    last = json.loads(told(deaf.get("/v1/audit/entries?limit=1000", role="compliance"))["entries"][-2]["entry"])
    assert (last["on"], last["on_given"]) == (on, True)
