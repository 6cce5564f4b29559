"""The issuer's own key in a PKCS#12 file (PKCS#12 证书文件), from configuration.

Refuses a specimen certificate: with a real key the pages carry no 样本 mark, and the two must agree.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from app.catalogue import Issuer
from app.signing.certificate import is_specimen
from app.signing.held import HeldKey, refused, unlock


@dataclass(frozen=True)
class Pkcs12Signer(HeldKey):
    specimen: Literal[False] = False

    @classmethod
    def load(cls, path: Path, passphrase: bytes, issuer: Issuer, *, at: datetime) -> "Pkcs12Signer":
        """Load the key for this issuer; `at` is now. `ConfigurationError` names the setting and the reason."""
        held = unlock(path, passphrase, issuer, at)
        if is_specimen(held.own):
            raise refused(path, "a specimen certificate cannot sign real documents")
        return cls(held.key, held.own, held.others)
