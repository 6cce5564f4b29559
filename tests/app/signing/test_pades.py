"""From verified pages to a signature that was proven, or nothing."""

import hashlib
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Event

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.artifacts import Part, Verified
from app.catalogue import Issuer
from app.errors import StepFailed
from app.signing import Pkcs12Signer, Signer, UnsafeSpecimenSigner, pades, sign, verify
from app.signing.prove import prove
from tests.app.signing.made import NOW, PASSPHRASE, certificate, pkcs12_file, tiny_pdf, unchanged, verified


@dataclass(frozen=True)
class Lying:
    """A signer that shows one certificate and signs with another's key."""

    shown: Pkcs12Signer
    hand: Pkcs12Signer
    specimen: bool = False

    @property
    def certificate(self) -> bytes:
        return self.shown.certificate

    @property
    def certificate_sha256(self) -> str:
        return self.shown.certificate_sha256

    @property
    def chain(self) -> tuple[bytes, ...]:
        return self.shown.chain

    def sign_raw(self, message: bytes) -> bytes:
        return self.hand.sign_raw(message)


def why_not(given: Verified, signer: Signer, folder: Path, at: datetime = NOW) -> str:
    with pytest.raises(StepFailed) as failure:
        sign(given, signer, folder, at, unchanged)
    assert (failure.value.step, failure.value.status) == ("sign", 500)
    return failure.value.detail


def pdfsig(path: Path) -> str:
    return subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("kind", ["ec_signer", "rsa_signer"])
def test_signed_pages_are_whole_and_another_program_says_so(
    kind: str, request: pytest.FixtureRequest, letter: Path, tmp_path: Path
) -> None:
    signer: Pkcs12Signer = request.getfixturevalue(kind)

    signed = sign(verified(letter), signer, tmp_path, NOW, unchanged)

    path = signed.parts[0].file.path
    answer = verify(path)
    assert (answer.whole, answer.problem) == (True, "")
    assert (answer.signed_at, answer.level, answer.specimen) == (NOW, "B-B", False)
    assert (answer.subject, answer.certificate_sha256) == (
        signer.own.subject.rfc4514_string(),
        signer.certificate_sha256,
    )
    assert (signed.certificate_sha256, signed.level) == (signer.certificate_sha256, "B-B")
    said = pdfsig(path)
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said


def test_the_signed_file_begins_with_the_verified_one_and_carries_its_own_digest(
    letter: Path, signed_letter: Path
) -> None:
    before, after = letter.read_bytes(), signed_letter.read_bytes()

    assert before == tiny_pdf()
    assert after.startswith(before)
    assert len(after) > len(before)


def test_the_digest_is_of_the_signed_file(letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    file = sign(verified(letter), ec_signer, tmp_path, NOW, unchanged).parts[0].file

    assert file.sha256 == hashlib.sha256(file.path.read_bytes()).hexdigest()
    assert file.size == file.path.stat().st_size


def test_the_signing_time_is_the_clocks_and_in_utc(letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    beijing = NOW.astimezone(timezone(timedelta(hours=8))).replace(microsecond=999_999)

    path = sign(verified(letter), ec_signer, tmp_path, beijing, unchanged).parts[0].file.path

    assert verify(path).signed_at == NOW
    assert b"/M (D\\07220261123100000Z)" in path.read_bytes()


def test_a_specimen_signs_specimens(letter: Path, specimen_signer: UnsafeSpecimenSigner, tmp_path: Path) -> None:
    signed = sign(verified(letter, specimen=True), specimen_signer, tmp_path, NOW, unchanged)

    assert verify(signed.parts[0].file.path).specimen


def test_a_specimen_does_not_sign_pages_without_the_mark(
    letter: Path, specimen_signer: UnsafeSpecimenSigner, tmp_path: Path
) -> None:
    assert "样本" in why_not(verified(letter), specimen_signer, tmp_path)


def test_a_real_key_does_not_sign_pages_with_the_mark(letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    assert "样本" in why_not(verified(letter, specimen=True), ec_signer, tmp_path)


def test_every_pdf_is_signed_and_a_text_goes_along(letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    (tmp_path / "annex.pdf").write_bytes(tiny_pdf())
    (tmp_path / "cover.txt").write_text("送达回证")
    given = verified(letter, tmp_path / "annex.pdf", tmp_path / "cover.txt")

    parts = sign(given, ec_signer, tmp_path, NOW, unchanged).parts

    assert [part.name for part in parts] == ["letter", "annex", "cover"]
    assert [verify(part.file.path).whole for part in parts] == [True, True, False]
    assert parts[2] == given.assembled.parts[2]


def test_the_signed_parts_are_looked_at_while_the_signature_is_proven(
    letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proving, looked = Event(), []

    def at_the_same_time(*_: object) -> None:
        proving.set()

    def look(parts: Sequence[Part]) -> bool:
        looked.append(parts)
        return proving.wait(10)

    monkeypatch.setattr(pades, "prove", at_the_same_time)
    signed = sign(verified(letter), ec_signer, tmp_path, NOW, look)

    assert looked == [signed.parts]


def test_pages_that_signing_changed_are_refused(letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="signing changed what the pages show") as failure:
        sign(verified(letter), ec_signer, tmp_path, NOW, lambda _: False)
    assert (failure.value.step, failure.value.status) == ("sign", 500)


def test_pages_that_cannot_be_looked_at_are_refused_as_whoever_looks_says(
    letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path
) -> None:
    said = StepFailed("verify", "the finished file was not read", status=500)

    def look(_: Sequence[Part]) -> bool:
        raise said

    with pytest.raises(StepFailed) as failure:
        sign(verified(letter), ec_signer, tmp_path, NOW, look)
    assert failure.value is said


@pytest.mark.parametrize("name", ["letter.pdf", "cover.txt"])
def test_a_part_that_changed_since_it_was_verified_is_refused(
    letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path, name: str
) -> None:
    (tmp_path / "cover.txt").write_text("送达回证")
    given = verified(letter, tmp_path / "cover.txt")
    with (tmp_path / name).open("ab") as stream:
        stream.write(b"\n")

    assert why_not(given, ec_signer, tmp_path) == "a part is no longer what was verified"


def test_a_part_that_is_gone_is_refused(letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    given = verified(letter)
    letter.unlink()

    assert why_not(given, ec_signer, tmp_path) == "a part could not be signed: FileNotFoundError"


def test_nothing_to_sign_is_refused(ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    assert why_not(verified(), ec_signer, tmp_path) == "there is nothing to sign"


def test_a_file_that_is_no_pdf_is_refused(letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    letter.write_bytes(b"%PDF-1.6\nnot really")

    assert why_not(verified(letter), ec_signer, tmp_path).startswith("a part could not be signed")


def test_signed_pages_are_not_signed_again(signed_letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()

    assert why_not(verified(signed_letter), ec_signer, tmp_path / "again")


def test_an_earlier_attempts_file_is_not_written_over(
    signed_letter: Path, letter: Path, ec_signer: Pkcs12Signer
) -> None:
    assert why_not(verified(letter), ec_signer, signed_letter.parent).endswith("FileExistsError")


@pytest.mark.parametrize("days", [-2, 366])
def test_a_certificate_that_is_out_of_its_time_by_now_is_refused(
    letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path, days: int
) -> None:
    assert "valid" in why_not(verified(letter), ec_signer, tmp_path, NOW + timedelta(days=days))


def test_a_certificate_of_another_issuer_is_refused(
    letter: Path, tmp_path: Path, ec_key: ec.EllipticCurvePrivateKey
) -> None:
    other = {"legal_name": "另一银行股份有限公司", "uscc": "91310000100000000Y"}
    path = pkcs12_file(tmp_path / "key.p12", ec_key, certificate(ec_key, ORGANIZATION_NAME=other["legal_name"]))
    signer = Pkcs12Signer.load(path, PASSPHRASE, Issuer("other", other, b""), at=NOW)

    assert why_not(verified(letter), signer, tmp_path).endswith("does not name the issuer")


def test_a_signature_by_another_key_is_refused(
    letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path, bank: Issuer
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    path = pkcs12_file(tmp_path / "hand.p12", key, certificate(key))
    hand = Pkcs12Signer.load(path, PASSPHRASE, bank, at=NOW)

    assert why_not(verified(letter), Lying(ec_signer, hand), tmp_path) == "the signature does not fit its bytes"


def test_the_proof_wants_the_verified_bytes_in_front(
    letter: Path, signed_letter: Path, ec_signer: Pkcs12Signer, bank: Issuer
) -> None:
    file = verified(letter).assembled.parts[0].file

    with pytest.raises(StepFailed, match="does not begin with the verified bytes"):
        prove(signed_letter, replace(file, sha256="0" * 64), ec_signer, bank.record, NOW, 0)
    with pytest.raises(StepFailed, match="does not begin with the verified bytes"):
        prove(signed_letter, replace(file, size=file.size + 1), ec_signer, bank.record, NOW, 0)


def test_the_proof_wants_the_signers_certificate_and_the_time_asked_for(
    letter: Path, signed_letter: Path, ec_signer: Pkcs12Signer, rsa_signer: Pkcs12Signer, bank: Issuer
) -> None:
    file = verified(letter).assembled.parts[0].file

    prove(signed_letter, file, ec_signer, bank.record, NOW, 0)
    with pytest.raises(StepFailed, match="another certificate"):
        prove(signed_letter, file, rsa_signer, bank.record, NOW, 0)
    with pytest.raises(StepFailed, match="another time"):
        prove(signed_letter, file, ec_signer, bank.record, NOW + timedelta(seconds=1), 0)


def test_the_chain_goes_into_the_file(letter: Path, tmp_path: Path, bank: Issuer, rsa_key: rsa.RSAPrivateKey) -> None:
    root = certificate(rsa_key, usage=("key_cert_sign",), ORGANIZATION_NAME="示范证书认证中心", COMMON_NAME="根证书")
    key = ec.generate_private_key(ec.SECP384R1())
    own = certificate(key, signed_by=(root, rsa_key))
    signer = Pkcs12Signer.load(pkcs12_file(tmp_path / "key.p12", key, own, [root]), PASSPHRASE, bank, at=NOW)

    path = sign(verified(letter), signer, tmp_path, NOW, unchanged).parts[0].file.path

    assert verify(path).whole
    assert signer.chain[0].hex().upper().encode() in path.read_bytes()
    assert "Signature is Valid." in pdfsig(path)


def test_a_page_that_has_annotations_keeps_them(letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    for number, page in enumerate((b"/Annots 5 0 R", b"/Annots[<</Type/Annot/Subtype/Link/Rect[1 1 9 9]>>]")):
        letter.write_bytes(tiny_pdf(page=page))
        (tmp_path / str(number)).mkdir()

        assert verify(
            sign(verified(letter), ec_signer, tmp_path / str(number), NOW, unchanged).parts[0].file.path
        ).whole


def test_one_signer_serves_several_threads(letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    def one(number: int) -> bool:
        folder = tmp_path / str(number)
        folder.mkdir()
        return verify(sign(verified(letter), ec_signer, folder, NOW, unchanged).parts[0].file.path).whole

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(one, range(12)))


@pytest.mark.office
def test_a_page_from_the_real_converter_is_signed(ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    text = tmp_path / "letter.txt"
    text.write_text("催收函\n合计人民币12,345.67元", encoding="utf-8")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"  # its own, or it would wait for another's
    pdf_a = 'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"}}'
    command = ["soffice", profile, "--headless", "--convert-to", pdf_a, "--outdir", str(tmp_path), str(text)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)

    path = sign(verified(tmp_path / "letter.pdf"), ec_signer, tmp_path, NOW, unchanged).parts[0].file.path

    assert verify(path).whole
    assert "Total document signed" in pdfsig(path)
