"""The law's own scenarios about the finished paper: what the page or the signature proves, and what is refused there.

`paper` in cases.yaml says how the template, the verified file or the signer was tampered with; {} is as it should be.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app import signing
from app.artifacts import Verified
from app.catalogue import Issuer
from app.convert import Pool
from app.errors import ConfigurationError, DisclosureMissing, StepFailed
from app.facts.sample import at_day
from app.gate.cases import Scenario
from app.pipeline import utc_now
from app.templates import read_cases
from tests.reading import same_pages
from tests.templates import finished, letters
from tests.templates.finished import BODY
from tests.templates.test_tricks import Element, drop, formatted, replaced, tampered
from tests.wiring import settings_here

pytestmark = pytest.mark.office
CASES = [one for one in read_cases(settings_here(), "cn") if one.paper is not None]
PASSPHRASE = b"specimen"


def signer(issuer: Issuer, folder: Path) -> signing.Signer:
    path = folder / f"{issuer.id}.p12"
    signing.make_specimen(path, PASSPHRASE, issuer, at=utc_now())
    return signing.UnsafeSpecimenSigner.load(path, PASSPHRASE, issuer, at=utc_now())


def another(issuer: Issuer) -> Issuer:
    record = {**issuer.record, "legal_name": "样例银行股份有限公司", "uscc": "91990000MA0AAAA050"}
    return Issuer("another", record, issuer.stamp)


def tampered_with(paper: Mapping[str, Any], name: str = letters.DUNNING) -> dict[str, bytes]:
    def trick(body: Element) -> None:
        if "drop" in paper:
            drop(paper["drop"])(body)
        if "replace" in paper:
            replaced(*paper["replace"])(body)
        if "plain" in paper:
            formatted(body, paper["plain"], ("b", "0"))

    return tampered(trick, name)


def on_paper(scenario: Scenario, pool: Pool, folder: Path) -> Verified:
    entries = tampered_with(scenario.paper or {}, scenario.document)
    change = at_day(dict(scenario.change), letters.DAY)
    return finished.proven(finished.made(scenario.document, pool, folder, change, entries))


def signed(scenario: Scenario, checked: Verified, folder: Path) -> None:
    paper = scenario.paper or {}
    if "after_verification" in paper:
        with checked.assembled.parts[0].file.path.open("ab") as file:
            file.write(b"\n% one line more\n")
    holder = another(letters.issuer()) if "signed_by" in paper else letters.issuer()
    signing.sign(checked, signer(holder, folder), folder, utc_now(), partial(same_pages, checked))


@pytest.mark.parametrize("scenario", CASES, ids=lambda scenario: f"{scenario.rule}-{scenario.case}")
def test_the_paper_is_proven_or_refused_as_the_law_s_authors_wrote_down(
    scenario: Scenario, pool: Pool, tmp_path: Path
) -> None:
    found: set[str] = set()
    try:
        signed(scenario, on_paper(scenario, pool, tmp_path), tmp_path)
    except DisclosureMissing as missing:
        found = set(missing.missing)
    except (StepFailed, ConfigurationError) as failure:
        found = {getattr(failure, "step", "sign")}

    assert found == set(scenario.at)


def test_a_trick_that_changes_nothing_would_be_noticed() -> None:
    with pytest.raises(AssertionError, match="not in the template"):
        tampered_with({"replace": ["not in the template", ""]})
    assert tampered_with({"drop": "特此函告"})[BODY] != letters.template()[BODY]
