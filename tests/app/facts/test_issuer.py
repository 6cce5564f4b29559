"""The issuer register: a complete record is read, an incomplete one stops the service and is named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.errors import ConfigurationError
from app.facts import read_issuer
from tests.samples.make import TEMPLATES, change

DEMO = TEMPLATES / "issuers" / "demo_bank"
Register = Callable[..., Path]


@pytest.fixture
def register(tmp_path: Path) -> Register:
    """A copy of the demo bank's folder with fields changed by their path."""

    def copied(**changes: Any) -> Path:
        record = yaml.safe_load((DEMO / "issuer.yaml").read_text("utf-8"))
        for path, value in changes.items():
            change(record, path.split("__"), value)
        folder = tmp_path / "demo_bank"
        folder.mkdir()
        (folder / "issuer.yaml").write_text(yaml.safe_dump(record, allow_unicode=True), "utf-8")
        (folder / "stamp.png").write_bytes((DEMO / "stamp.png").read_bytes())
        return folder

    return copied


def test_the_demo_bank_is_read() -> None:
    issuer = read_issuer(DEMO)

    assert issuer.id == "demo_bank"
    assert issuer.record["legal_name"] == "示范银行股份有限公司"
    assert issuer.record["channels"]["object"]["email"] == "objection@demo-bank.example"
    assert issuer.stamp.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("hotline", ...),
        ("hotline", "see website"),
        ("uscc", "91990000MA0DEM0BX4"),
        ("surprise", "x"),
        ("postcode", 999000),
        ("website", "http://www.demo-bank.example"),
        ("check_address", "https://letters.demo-bank.example/check?code="),
        ("check_address", "javascript:alert(1)"),
        ("channels__object__email", "objection"),
        ("channels__evidence", ...),
        ("channels__query__text", "{{ evil }}"),
        ("grievance__regulator_phone", "123"),
        ("repayment_accounts", []),
        ("repayment_accounts__0__currency", "RMB"),
        ("repayment_accounts__1__currency", "CNY"),
        ("repayment_accounts__1__account_name", "赵示范"),
        ("short_name", "示范银行"),
        ("stamp__file", "../stamp.png"),
        ("stamp__file", "/etc/stamp.png"),
        ("stamp__file", "other.png"),
        ("legal_name", ""),
        ("id", "another_bank"),
    ],
)
def test_a_record_that_is_not_whole_stops_the_service(register: Register, path: str, value: Any) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        read_issuer(register(**{path: value}))

    assert "issuer.yaml" in str(refusal.value)
    assert path.replace("__", ".") in str(refusal.value)


def test_all_faults_of_a_record_are_named_at_once(register: Register) -> None:
    with pytest.raises(ConfigurationError, match=r"(?s)hotline.*postcode|postcode.*hotline"):
        read_issuer(register(hotline=..., postcode="1"))


def test_a_key_given_twice_is_named(register: Register) -> None:
    path = register() / "issuer.yaml"
    path.write_text(path.read_text("utf-8").replace("grievance:", "grievance:\n  phone: 400-000-0009"), "utf-8")

    with pytest.raises(ConfigurationError, match=r"given twice: grievance\.phone"):
        read_issuer(path.parent)


@pytest.mark.parametrize(
    "content", ["", "- a", "a: [", "text", "!!python/object/apply:os.system ['true']", "a: &a [*a]"]
)
def test_a_file_that_is_no_record_stops_the_service(register: Register, content: str) -> None:
    path = register() / "issuer.yaml"
    path.write_text(content, "utf-8")

    with pytest.raises(ConfigurationError, match=r"issuer\.yaml"):
        read_issuer(path.parent)


def test_a_folder_without_a_record_stops_the_service(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"issuer\.yaml"):
        read_issuer(tmp_path)


def test_a_stamp_that_is_no_picture_stops_the_service(register: Register) -> None:
    folder = register()
    (folder / "stamp.png").write_bytes(b"GIF89a")

    with pytest.raises(ConfigurationError, match=r"stamp\.file: stamp\.png is not a PNG"):
        read_issuer(folder)


def test_an_account_in_another_name_than_the_letter_s_payee_stops_the_service(register: Register) -> None:
    with pytest.raises(ConfigurationError, match=r"repayment_accounts\.2\.account_name: 与还款途径的收款户名不一致$"):
        read_issuer(register(repayment_accounts__2__account_name="示范银行信用卡中心"))


def test_a_payee_that_no_account_has_stops_the_service(register: Register) -> None:
    with pytest.raises(ConfigurationError, match="与还款途径的收款户名不一致"):
        read_issuer(register(channels__repay__account_name="赵示范"))
