"""Bad input: each kind has its status and its stable code, in a problem document, and leaves nothing behind."""

import io
import json
from typing import Any

import pytest

from app import logs
from app.api.problems import field_errors
from app.api.strict import StrictParser
from app.errors import InvalidRequest, UnreadableRequest
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
        rb'{"\ud800": 1}',
        rb'{"a": [{"b": ["\udfff"]}]}',
    ],
    ids=[
        *("empty", "cut off", "list", "string", "not utf-8", "same key twice", "float", "nan", "deep", "huge number"),
        *("half a character as a key", "half a character as a text"),
    ],
)
def test_what_is_not_strict_json_is_unreadable(deaf: Service, body: bytes) -> None:
    problem(deaf.post(body), 400, "request.unreadable")


@pytest.mark.parametrize("body", [rb'{"wang_6259000000000005\ud800": 1}', b'{"wang_62590": 1}', b"wang_62590"])
def test_no_error_drags_the_body_behind_it(deaf: Service, body: bytes) -> None:
    """An error's context would be printed with its traceback, and it quotes what could not be read."""
    schema = deaf.house.schemas["dunning_letter"]()
    sent = deaf.http.application.test_request_context(data=body, content_type="application/json")

    with sent, pytest.raises((InvalidRequest, UnreadableRequest)) as caught:
        StrictParser().parse(schema, sent.request)

    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("name", "told_as"),
    [
        ("surprise", "surprise"),
        ("sur-prise_2.b", "sur-prise_2.b"),
        ("6259000000000005", "?"),
        ("a12345b", "?"),
        ("a1234b", "a1234b"),
        ("王小明", "?"),
        ("a b", "?"),
        ("x" * 65, "?"),
        ("", "?"),
        ("<script>", "?"),
        ("line\n", "?"),
    ],
)
def test_a_name_that_the_caller_invented_is_repeated_only_when_it_is_plainly_a_name(
    deaf: Service, name: str, told_as: str
) -> None:
    answer = deaf.post(changed(deaf.sample(), {"client_ref": None}) | {name: 1})

    assert paths(problem(answer, 422, "request.invalid")) == {"client_ref", told_as}
    assert told_as == name or not name or json.dumps(name, ensure_ascii=False)[1:-1] not in answer.text


def test_a_place_in_a_list_is_told_however_long_the_list() -> None:
    assert list(field_errors({"parties": {12345: {"name": ["no"]}}})) == [
        {"path": "parties.12345.name", "message": "no"}
    ]


def test_a_bug_is_logged_by_type_and_place_and_never_by_what_it_says(
    deaf: Service, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("王小明 6259000000000005")

    caplog.handler.setFormatter(logs.Lines())
    monkeypatch.setattr(deaf.house.documents.__class__, "page", broken)
    in_a_view = deaf.get("/v1/documents")
    monkeypatch.setattr("app.api.problems._bug.__code__", broken.__code__)  # and where nothing of ours handles it
    in_the_handler = deaf.get("/v1/documents")

    problem(in_a_view, 500, "internal")
    problem(in_the_handler, 500, "internal")
    assert caplog.text.count("bug RuntimeError at ") == 2
    assert "test_bad_input.py:" in caplog.text
    assert in_the_handler.headers["X-Request-Id"] in caplog.text
    assert not any(private in caplog.text for private in ("王小明", "6259000000000005", "Traceback"))


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


@pytest.mark.parametrize(("path", "allowed"), [(LETTERS, {"POST"}), ("/livez", {"GET", "HEAD"})])
def test_a_method_that_does_not_exist_is_refused_and_the_others_are_named(
    deaf: Service, path: str, allowed: set[str]
) -> None:
    answer = deaf.http.delete(path)

    problem(answer, 405, "method_not_allowed")
    assert set(answer.allow) == {*allowed, "OPTIONS"}


def test_head_needs_the_same_key_as_get_and_has_no_body(deaf: Service) -> None:
    known = {"Authorization": f"Bearer {deaf.keys['upstream']}"}
    without, with_key = deaf.http.head("/v1/documents"), deaf.http.head("/v1/documents", headers=known)

    assert (without.status_code, without.data) == (401, b"")
    assert (with_key.status_code, with_key.data) == (200, b"")


def test_options_tells_the_methods_and_nothing_else(deaf: Service) -> None:
    answer = deaf.http.options(LETTERS)

    assert (answer.status_code, set(answer.allow), answer.data) == (200, {"POST", "OPTIONS"}, b"")
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["/v1/documents", "/v1/audit/export", "/livez", "/openapi.json", "/nowhere"])
def test_an_answer_is_neither_kept_nor_framed_nor_guessed_at(deaf: Service, path: str) -> None:
    headers = deaf.get(path, role="admin").headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; frame-ancestors 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_the_pages_may_run_their_own_scripts_and_ask_nobody_else(deaf: Service) -> None:
    page = deaf.http.get("/docs/")
    policy = page.headers["Content-Security-Policy"]

    assert page.status_code == 200
    assert "script-src 'self' 'unsafe-inline'" in policy
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer duly_wrong", "Basic dXNlcjpwYXNz", "duly_wrong"])
def test_no_or_a_wrong_key_is_unauthenticated(deaf: Service, value: str) -> None:
    answer = deaf.http.post(LETTERS, data=b"{}", headers={"Authorization": value, "Content-Type": "application/json"})

    problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("role", ["compliance", "counsel", "admin"])
def test_only_upstream_may_issue(deaf: Service, role: str) -> None:
    problem(deaf.post(deaf.sample(), role=role), 403, "forbidden")


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("upstream", "/v1/audit/entries"),
        ("counsel", "/v1/audit/entries"),
        ("upstream", "/v1/audit/export"),
        ("counsel", "/v1/audit/export"),
        ("compliance", "/v1/audit/export"),
    ],
)
def test_the_log_is_not_for_every_role(deaf: Service, role: str, path: str) -> None:
    problem(deaf.get(path, role=role), 403, "forbidden")


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


@pytest.mark.parametrize("key", ["", "x" * 201, "two words", "案件一", "caf\u00e9", "tab\there"])
def test_an_idempotency_key_that_is_not_visible_ascii_or_too_long_is_refused(deaf: Service, key: str) -> None:
    body = problem(deaf.post(deaf.sample(), Idempotency_Key=key.encode().decode("latin-1")), 422, "request.invalid")

    assert paths(body) == {"headers.Idempotency-Key"}


def test_an_idempotency_key_may_be_of_any_visible_ascii(deaf: Service) -> None:
    request = changed(deaf.sample(), {"delivery.reserved": False})

    problem(deaf.post(request, Idempotency_Key='"!~' + "x" * 197), 422, "refused")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=many", "before=yesterday"])
def test_a_page_that_cannot_be_is_refused(deaf: Service, query: str) -> None:
    problem(deaf.get(f"/v1/documents?{query}"), 422, "request.invalid")


def test_a_place_in_the_log_beyond_all_places_is_refused(deaf: Service) -> None:
    problem(deaf.get("/v1/audit/entries?start=9223372036854775808", role="compliance"), 422, "request.invalid")


def test_the_description_is_the_same_each_time(deaf: Service) -> None:
    first, second = deaf.http.get("/openapi.json").get_json(), deaf.http.get("/openapi.json").get_json()

    assert first == second


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
    assert told(deaf.http.get("/readyz"))["parts"]["converter"] is False
    assert deaf.http.get("/livez").status_code == 200


def test_a_failure_frees_its_idempotency_key(deaf: Service) -> None:
    problem(deaf.post(deaf.sample(), Idempotency_Key="again"), 503, "step.failed")
    problem(deaf.post(deaf.sample(), Idempotency_Key="again"), 503, "step.failed")

    second, first = told(deaf.get("/v1/documents?limit=2"))["documents"]
    assert first["id"] != second["id"]
    assert (first["status"], second["status"]) == ("failed", "failed")


def test_the_working_folder_is_empty_afterwards(deaf: Service) -> None:
    deaf.post(deaf.sample())

    assert [path.name for path in deaf.house.room.folder.iterdir()] == [".lock"]
    assert {path.name for path in deaf.house.settings.work.iterdir()} == {
        *("office", "rates.db"),
        deaf.house.room.folder.name,
    }


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


def test_a_compliance_key_reads_the_entries_of_its_own_organisation_and_admin_reads_all(deaf: Service) -> None:
    ours = deaf.house.keys.find(deaf.keys["compliance"])
    deaf.post(changed(deaf.sample(), {"delivery.reserved": False}))
    deaf.post(changed(deaf.sample(), {"delivery.reserved": False}), role="stranger")

    def organisations(role: str) -> set[str]:
        entries = told(deaf.get("/v1/audit/entries?limit=1000", role=role))["entries"]
        return {json.loads(entry["entry"])["org"] for entry in entries}

    assert ours is not None
    assert organisations("compliance") == {ours.organisation}
    assert len(organisations("admin")) == 3  # and the operator's own


@pytest.mark.parametrize("role", ["upstream", "compliance", "counsel", "admin", "stranger"])
def test_any_key_may_keep_a_checkpoint(deaf: Service, role: str) -> None:
    assert told(deaf.get("/v1/audit/checkpoint", role=role))["checkpoint"].startswith("duly.example/audit\n")


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
