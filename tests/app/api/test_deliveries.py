"""Deliveries over HTTP: who may tell, single moves and files, and each fault of a file by row and column."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.api import table
from app.artifacts import Actor
from app.store.models import DocumentRow
from tests.app.api.conftest import Service, opened, problem, told
from tests.app.registry import letters

TRACKING = "XA00000000044"
FILES = "/v1/deliveries"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A house of this module's own, without LibreOffice: letters come from `issued`."""
    yield from opened(tmp_path_factory.mktemp("deliveries"), soffice="/bin/false", deadline="2")


@pytest.fixture
def letter(own: Service, tmp_path: Path) -> DocumentRow:
    return issued(own, tmp_path)


def issued(service: Service, folder: Path, role: str = "upstream") -> DocumentRow:
    caller = service.house.keys.find(service.keys[role])
    assert caller is not None
    actor = Actor(f"key:{caller.key_id}", "key", caller.organisation, str(uuid.uuid4()))
    return letters.issued(service.house.documents, folder, actor)


def address(row: DocumentRow) -> str:
    return f"/v1/documents/{row.id}/delivery"


def move(service: Service, row: DocumentRow, to: str, role: str = "upstream", **said: Any) -> TestResponse:
    return service.post({"to": to, "on": service.today().isoformat()} | said, role, address(row))


def send(service: Service, content: str | bytes, role: str = "upstream", media_type: str = "text/csv") -> TestResponse:
    body = content if isinstance(content, bytes) else content.encode()
    return service.post(body, role, FILES, Content_Type=media_type)


def lines(service: Service, *rows: str, header: str = "document,to,on,tracking_number,reason") -> str:
    return "\r\n".join([header, *(row.replace("TODAY", service.today().isoformat()) for row in rows)]) + "\r\n"


def named(body: dict[str, Any]) -> set[str]:
    return {error["path"] for error in body["errors"]}


def state(service: Service, row: DocumentRow) -> str:
    return str(told(service.get(address(row)))["state"])


def test_a_letter_goes_all_the_way_and_each_step_can_be_read(own: Service, letter: DocumentRow) -> None:
    assert told(own.get(address(letter))) == {"document": letter.id, "state": "none", "moves": []}
    move(own, letter, "printed")
    move(own, letter, "posted", tracking_number=TRACKING)

    answer = move(own, letter, "delivered", signer_role="cohabiting_adult_relative", receipt_sha256="ab" * 32)

    assert answer.status_code == 200, answer.text
    assert told(answer) == told(own.get(address(letter), role="counsel"))
    assert told(answer)["tracking_number"] == TRACKING
    assert told(answer)["signer_role"] == "cohabiting_adult_relative"
    assert [step["to"] for step in told(answer)["moves"]] == ["printed", "posted", "delivered"]
    [seq] = {step["seq"] for step in told(answer)["moves"] if step["to"] == "delivered"}
    entry = json.loads(told(own.get(f"/v1/audit/entries?start={seq}&limit=1", "compliance"))["entries"][0]["entry"])
    assert (entry["action"], entry["document"], entry["to"]) == ("delivery.moved", letter.id, "delivered")


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ({"to": "posted"}, {"tracking_number"}),
        ({"to": "posted", "tracking_number": "12"}, {"tracking_number"}),
        ({"to": "posted", "tracking_number": TRACKING, "reason": "moved"}, {"reason"}),
        ({"to": "delivered"}, {"signer_role", "receipt_sha256"}),
        ({"to": "delivered", "signer_role": "colleague", "receipt_sha256": "ab" * 32}, {"signer_role"}),
        ({"to": "delivered", "signer_role": "addressee", "receipt_sha256": "AB" * 32}, {"receipt_sha256"}),
        ({"to": "returned"}, {"reason"}),
        ({"to": "returned", "reason": "payoff"}, {"reason"}),
        ({"to": "withdrawn", "reason": "moved"}, {"reason"}),
        ({"to": "lost"}, {"to"}),
        ({"to": "printed", "on": "2026-11-31"}, {"on"}),
        ({"to": "printed", "on": "2000-01-01"}, {"on"}),
        ({"to": "printed", "on": "2199-01-01"}, {"on"}),
        ({"to": "printed", "note": "x"}, {"note"}),
        ({}, {"to"}),
    ],
)
def test_a_move_that_says_too_little_too_much_or_nonsense_is_refused(
    own: Service, letter: DocumentRow, said: dict[str, Any], at: set[str]
) -> None:
    body = problem(own.post({"on": own.today().isoformat()} | said, path=address(letter)), 422, "request.invalid")

    assert named(body) == at
    assert state(own, letter) == "none"


def test_an_illegal_move_has_a_code_of_its_own(own: Service, letter: DocumentRow) -> None:
    body = problem(move(own, letter, "returned", reason="moved"), 409, "delivery.illegal_move")

    assert named(body) == {"to"}


@pytest.mark.parametrize("role", ["stranger", "unbound"])
def test_another_organisation_finds_nothing_even_when_it_speaks_for_the_same_issuer(
    own: Service, letter: DocumentRow, role: str
) -> None:
    problem(own.get(address(letter), role), 404, "not_found")
    problem(move(own, letter, "printed", role), 404, "not_found")
    row = f"{letter.id},printed,TODAY,,"
    assert named(problem(send(own, lines(own, row), role), 422, "request.invalid")) == {"rows.2.document"}


@pytest.mark.parametrize(
    ("role", "may"),
    [("upstream", "read move take"), ("compliance", "read move take list"), ("counsel", "read"), ("admin", "")],
)
def test_each_role_may_do_what_the_readme_says(own: Service, letter: DocumentRow, role: str, may: str) -> None:
    answers = {
        "read": own.get(address(letter), role),
        "move": move(own, letter, "printed", role),
        "take": send(own, lines(own, f"{letter.id},posted,TODAY,{TRACKING},"), role),
        "list": own.get(FILES, role),
    }

    assert {name for name, answer in answers.items() if answer.status_code == 200} == set(may.split())
    assert {answer.status_code for answer in answers.values()} <= {200, 403}


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_file_is_taken_with_or_without_a_byte_order_mark_and_its_moves_are_counted(
    own: Service, tmp_path: Path, mark: bytes
) -> None:
    rows = [issued(own, tmp_path) for _ in range(3)]
    content = lines(
        own,
        f"{rows[0].id},posted,TODAY,{TRACKING},",
        f'"{rows[1].id}",printed,TODAY,,',
        ",,,,",
        "",
        f"{rows[2].id},withdrawn,TODAY,,error",
        f"{rows[0].id},returned,TODAY,,not_me",
    )

    answer = send(own, mark + content.encode(), media_type="text/csv; charset=UTF-8")

    assert answer.status_code == 200, answer.text
    counts = {"printed": 1, "posted": 1, "delivered": 0, "returned": 1, "withdrawn": 1}
    assert told(answer) == {"rows": 4, "moved": counts}
    assert [state(own, row) for row in rows] == ["returned", "printed", "withdrawn"]


def test_every_fault_of_a_file_is_named_by_row_and_column_and_nothing_is_taken(own: Service, tmp_path: Path) -> None:
    rows = [issued(own, tmp_path) for _ in range(3)]
    content = lines(
        own,
        f"{rows[0].id},printed,TODAY,,",
        f"{rows[1].id},posted,2026/11/25,,",
        f"{uuid.uuid4()},printed,TODAY,,",
        "x,lost,TODAY,,",
        f"{rows[2].id},printed,TODAY",
        f"{rows[2].id},delivered,TODAY,,",
        f"{rows[2].id},returned,TODAY,,moved",
        f"{rows[2].id},printed,2199-01-01,,",
    )

    body = problem(send(own, content), 422, "request.invalid")

    wanted = "3.on 3.tracking_number 4.document 5.document 5.to 6 7.signer_role 7.receipt_sha256 8.to 9.on"
    assert named(body) == {f"rows.{place}" for place in wanted.split()}
    assert [state(own, row) for row in rows] == ["none"] * 3


def test_a_readable_file_with_illegal_moves_is_a_conflict_with_every_row_named(own: Service, tmp_path: Path) -> None:
    rows = [issued(own, tmp_path) for _ in range(2)]
    content = lines(
        own, f"{rows[0].id},printed,TODAY,,", f"{rows[0].id},printed,TODAY,,", f"{rows[1].id},returned,TODAY,,moved"
    )

    body = problem(send(own, content), 409, "delivery.illegal_move")

    assert named(body) == {"rows.3.to", "rows.4.to"}
    assert [state(own, row) for row in rows] == ["none"] * 2


@pytest.mark.parametrize("cell", ["=HYPERLINK(A1)", "+86", "-1", "@SUM(A1)", "'=1", "\t=1"])
def test_a_cell_that_looks_like_a_formula_is_data_and_is_not_repeated(
    own: Service, letter: DocumentRow, cell: str
) -> None:
    answer = send(own, lines(own, f'{letter.id},posted,TODAY,"{cell}",'))

    assert named(problem(answer, 422, "request.invalid")) == {"rows.2.tracking_number"}
    assert cell not in json.loads(answer.text)["errors"][0]["message"]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "request.invalid"),
        (b"document,to,on\r\n", 422, "request.invalid"),
        (b"document,to\r\nx,y\r\n", 422, "request.invalid"),
        (b"document,to,on,on\r\nx,y,z,z\r\n", 422, "request.invalid"),
        (b"document,to,on,=cmd\r\nx,y,z,z\r\n", 422, "request.invalid"),
        ("文书,to,on\r\n".encode("gb18030"), 400, "request.unreadable"),
        (b'document,to,on\r\n"x', 400, "request.unreadable"),
        (b'document,to,on\r\n"x"y,a,b', 400, "request.unreadable"),
        (b"document,to,on\r\n" + b"x" * 200_000 + b",a,b\r\n", 400, "request.unreadable"),
        (b"document,to,on\r\n" + b"x,y,z\r\n" * 10_001, 422, "request.invalid"),
        (b"x" * (1 << 20), 413, "request.too_large"),
    ],
)
def test_what_is_no_such_file_is_refused(own: Service, content: bytes, status: int, code: str) -> None:
    answer = send(own, content)

    problem(answer, status, code)
    assert "=cmd" not in answer.text


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "text/csv; charset=gbk", ""])
def test_a_file_of_another_media_type_or_encoding_is_refused(own: Service, media_type: str) -> None:
    problem(send(own, "document,to,on\r\n", media_type=media_type), 415, "request.media_type")


def test_json_is_still_the_only_thing_that_a_single_move_is_read_from(own: Service, letter: DocumentRow) -> None:
    twice = b'{"to": "printed", "to": "printed", "on": "2026-11-25"}'
    problem(own.post(twice, path=address(letter)), 400, "request.unreadable")
    problem(own.post(b"to,on\r\n", path=address(letter), Content_Type="text/csv"), 415, "request.media_type")


def test_ten_thousand_rows_are_read() -> None:
    content = b"document,to,on\r\n" + b"x,y,z\r\n" * table.ROW_LIMIT

    assert len(list(table.read(content, ("document",), ("document", "to", "on")))) == 10_000


def test_officers_list_letters_by_state_page_by_page(own: Service, tmp_path: Path) -> None:
    rows = [issued(own, tmp_path) for _ in range(3)]
    for row in rows:
        move(own, row, "posted", tracking_number=TRACKING)
    newest_first = [row.id for row in reversed(rows)]

    first = told(own.get(f"{FILES}?state=posted&limit=2", "compliance"))
    second = told(own.get(f"{FILES}?state=posted&limit=2&before={first['next']}", "compliance"))

    shown = first["deliveries"] + second["deliveries"]
    assert [one["document"] for one in shown][:3] == newest_first
    assert {one["state"] for one in shown} == {"posted"}
    assert TRACKING not in json.dumps(shown)
    assert {one["state"] for one in told(own.get(f"{FILES}?state=none", "compliance"))["deliveries"]} <= {"none"}
    problem(own.get(f"{FILES}?state=lost", "compliance"), 422, "request.invalid")


def test_nothing_told_of_a_letter_stands_in_the_log(own: Service, letter: DocumentRow) -> None:
    move(own, letter, "posted", tracking_number=TRACKING)
    move(own, letter, "delivered", signer_role="authorised_agent", receipt_sha256="cd" * 32)

    said = own.get("/v1/audit/entries?limit=1000", "compliance").text

    assert "delivery.moved" in said
    assert [word for word in (TRACKING, "authorised_agent", "cd" * 32) if word in said] == []


def test_the_description_names_the_file_s_columns_and_every_state(own: Service) -> None:
    paths = told(own.get("/openapi.json"))["paths"]

    [(media_type, described)] = paths[FILES]["post"]["requestBody"]["content"].items()
    assert media_type == "text/csv"
    assert all(f"`{name}`" in described["schema"]["description"] for name in ("document", "to", "on", "signer_role"))
    columns = described["example"].splitlines()[0].split(",")
    assert list(table.read(described["example"].encode(), ("document",), columns))
    single = paths["/v1/documents/{document_id}/delivery"]
    assert {"200", "409", "422"} <= single["post"]["responses"].keys()
    assert single["get"]["responses"]["200"]
