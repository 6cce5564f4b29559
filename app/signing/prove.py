"""Prove a signature just made (签名复核), before anything leaves.

    1  the verified bytes are an exact prefix of the signed ones
    2  the signed file meets the profile (strict.py): only a signature was added, and the empty fields asked for, and it
       is sound
    3  the certificate is the signer's, names the issuer, and signs at the time asked for

Any no is `StepFailed` at the step 'sign': our own tools did not do what they were told, and nothing is handed on.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from app.artifacts import File
from app.signing import certificate as certificates
from app.signing.interface import Signer
from app.signing.strict import examine, unsound


def prove(signed: Path, verified: File, signer: Signer, issuer: Mapping[str, Any], at: datetime, further: int) -> None:
    """Compare the signed file with what was verified, with the signer, and with the issuer's record.

    `further` is how many are to sign after us: the file has so many empty fields, no more and no fewer.
    """
    if _digest_of_first(signed, verified.size) != verified.sha256:
        raise unsound("the signed file does not begin with the verified bytes")
    sound = examine(signed, further)
    if certificates.digest(sound.certificate) != signer.certificate_sha256:
        raise unsound("the signature was made with another certificate")
    if certificates.is_specimen(sound.certificate) != signer.specimen:
        raise unsound("the certificate and the signer do not agree on 样本")
    if reason := certificates.unfit(sound.certificate, issuer, at):
        raise unsound(reason)
    if sound.signed_at != at:
        raise unsound("the signature bears another time")


def _digest_of_first(path: Path, size: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while size and (block := stream.read(min(size, 1 << 20))):
            digest.update(block)
            size -= len(block)
    return digest.hexdigest()
