"""What can be said of a file that others signed after us (签署核验之答复): a yes with all signatures, or one fixed no.

It travels as JSON from the process that reads the returned file. No reason names a person or quotes a file.
"""

import json
from dataclasses import dataclass
from dataclasses import field as entry
from datetime import datetime, timedelta
from typing import Any

UNREADABLE = "the returned file cannot be read"
TOO_LARGE = "the returned file is too large"
ANOTHER = "the returned file does not begin with the issued file"
UNSIGNED = "the returned file is the issued file, which nobody has signed after us"
CHANGED = "something else than signatures was added to the issued file"
UNCOVERED = "a signature does not cover the whole file as it was when it was made"
BROKEN = "a signature does not fit its bytes and its certificate"
UNDATED = "a signature does not say when it was made"
OUT_OF_TIME = "a certificate was not valid when it signed"
OF_ANOTHER_USE = "a certificate is not meant for signing documents"
BEFORE_OURS = "a signature says that it was made before the issued file was"
TO_COME = "a signature says that it will be made"
ONE_KEY = "two signatures were made with one key"
REASONS = frozenset(
    {
        UNREADABLE,
        TOO_LARGE,
        ANOTHER,
        UNSIGNED,
        CHANGED,
        UNCOVERED,
        BROKEN,
        UNDATED,
        BEFORE_OURS,
        TO_COME,
        OUT_OF_TIME,
        OF_ANOTHER_USE,
        ONE_KEY,
    }
)
CLOCKS = timedelta(minutes=10)  # by so much may two clocks differ


class NotExecuted(Exception):
    """The returned file is not the issued one with further signatures: `reason` is one of `REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class FurtherSignature:
    """One signature after ours. Anybody can make a certificate with any name in it: who issued this one, ask elsewhere.

    `names` is the one common name of the certificate's subject, and of one that is put together like
    `051@姓名@证件号@1` the name in it, with its `number` ("" if there is none). Empty if the subject names several, or
    nobody: then it proves nobody. Both are personal data.
    """

    field: str
    certificate_sha256: str
    signed_at: datetime  # as the signer's own clock had it, or as the signer wanted it
    specimen: bool
    names: frozenset[str] = entry(repr=False)
    number: str = entry(default="", repr=False)


@dataclass(frozen=True)
class Executed:
    """The issued file with further signatures and nothing else. `unsigned` are our fields that still are empty."""

    signatures: tuple[FurtherSignature, ...]  # in the order in which they were made
    unsigned: tuple[str, ...]

    def written(self) -> bytes:
        signatures = [
            {
                "field": one.field,
                "certificate_sha256": one.certificate_sha256,
                "signed_at": one.signed_at.isoformat(),
                "specimen": one.specimen,
                "names": sorted(one.names),
                "number": one.number,
            }
            for one in self.signatures
        ]
        return json.dumps({"signatures": signatures, "unsigned": self.unsigned}).encode()


def refused(reason: str) -> bytes:
    return json.dumps({"reason": reason}).encode()


def unfit() -> bytes:
    """The issued file itself is not what it should be."""
    return json.dumps({"unfit": True}).encode()


def read(answer: bytes) -> Executed | None:
    """The yes; None if the issued file is unfit; `NotExecuted` for a no, and for whatever is no answer."""
    try:
        said = json.loads(answer)
        if said.keys() == {"unfit"}:
            return None
        if said.keys() == {"reason"} and said["reason"] in REASONS:
            raise NotExecuted(said["reason"])
        return Executed(tuple(_signature(one) for one in said["signatures"]), tuple(said["unsigned"]))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise NotExecuted(UNREADABLE) from error


def _signature(said: dict[str, Any]) -> FurtherSignature:
    at = datetime.fromisoformat(said["signed_at"])
    names, number = frozenset(said["names"]), str(said["number"])
    return FurtherSignature(said["field"], said["certificate_sha256"], at, said["specimen"] is True, names, number)
