"""Signing (数字签名): the issuer's electronic signature on finished, verified pages, and what others sign after it.

    signer = Pkcs12Signer.load(...) | UnsafeSpecimenSigner.load(...)     at start-up: fit for use, or no service
    signed = sign(verified, signer, folder, at)                          PAdES B-B, certified, proven again
    answer = verify(path)                                                a signed PDF, standing alone
    signatures = executed(issued, returned)                              the issued PDF with further signatures, no more

A letter bears our signature alone and allows nothing after it. A promise or an agreement has an empty field for each
who signs after us (`signature_fields`), and allows to fill these.

`interface.py` is what a signer is, `held.py` a key in memory, `pkcs12.py` and `specimen.py` the two kinds there are;
`pades.py` and `hand.py` write the signature, `prove.py` compares the result with what was verified, `strict.py` and
`additions.py` are the profile that a signed file meets, whoever holds it. `examination.py`, `revision.py`, `growth.py`
say whether a returned file is the issued one with further signatures; `executed.py` has that found out in a process of
its own (`reading.py`), and `answers.py` is all that it can say. `countersign.py` signs specimens as others would.
pyHanko is known in this folder only. It is asynchronous inside; each call here runs its own event loop and shares no
mutable state, so that threads may sign side by side.
"""

import logging

from app.signing.answers import Executed, FurtherSignature, NotExecuted
from app.signing.countersign import countersign_specimen
from app.signing.executed import executed
from app.signing.fields import signature_fields
from app.signing.interface import Signer
from app.signing.pades import sign
from app.signing.pkcs12 import Pkcs12Signer
from app.signing.specimen import UnsafeSpecimenSigner, make_specimen
from app.signing.strict import Verification, verify

__all__ = [
    "Executed", "FurtherSignature", "NotExecuted", "Pkcs12Signer", "Signer", "UnsafeSpecimenSigner", "Verification",
    "countersign_specimen", "executed", "make_specimen", "sign", "signature_fields", "verify",
]  # fmt: skip

# Their log lines can quote the file they stumble over, and a letter is personal data. What they have to say reaches us
# as exceptions, which become ours.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).addHandler(logging.NullHandler())
    logging.getLogger(_name).propagate = False
