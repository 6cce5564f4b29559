"""Settings: read once, from DULY_* variables, into one frozen dataclass.

Everything lies under `DULY_HOME` unless told otherwise. An unknown DULY_* variable is refused, because a misspelt
setting that is silently ignored would leave the service running on a default nobody chose.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from app.errors import ConfigurationError
from audit.checkpoint import ORIGIN

ROOT = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

_MAY_BE_EMPTY = {"signing_passphrase", "gotenberg_url"}
_ORIGIN = re.compile(rf"(?=.{{1,200}}$){ORIGIN.pattern}")
_COUNT = re.compile(r"[1-9][0-9]?")
_RATE = re.compile(r"[1-9][0-9]{0,6}")
_PROXIES = re.compile(r"[0-9]")
_HOST = re.compile(r"[A-Za-z0-9](?!.*[0-9]{11})[A-Za-z0-9._:-]{0,62}")  # as an entry of the log takes it
_URL = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~/-]*)?")


@dataclass(frozen=True)
class Settings:
    """Each field is the variable DULY_<NAME>. Paths may be relative to the working directory."""

    home: Path  # state of this installation
    database_url: str  # documents and log: sqlite:///FILE or postgresql://USER@HOST/DATABASE
    database_owner_url: str  # PostgreSQL: the role that owns the tables and migrates them
    blobs: Path  # encrypted files, content-addressed
    library: Path  # templates and packs that documents were made with, by digest
    work: Path  # files of attempts under way; empty when nothing runs
    checkpoints: Path  # signed checkpoints of the log; better on another volume
    case_keys: str  # wrapped keys of the cases: a file, or postgresql://...; in an ordinary backup it undoes erasure
    master_key: Path  # wraps the case keys
    log_key: Path  # Ed25519 key that signs checkpoints
    log_origin: str  # name of the log; chosen once
    templates: Path
    issuers: Path  # the issuer register
    signing: str  # specimen | pkcs12
    signing_keys: Path  # <issuer id>.p12 for each issuer
    signing_passphrase: str
    public_url: str  # how callers reach the service; only shown in the API's description
    deadline: float  # seconds for one conversion
    approval_days: int  # how long a human has to decide on a document that waits
    converter: str  # office: LibreOffice on this machine | gotenberg: a server
    gotenberg_url: str  # of that server
    slots: int  # LibreOffice processes per worker; by default as many as it has cores to itself
    queue: int  # conversions that may wait in a worker; more are told to come again
    quarantine: Path  # what is remembered of documents that ended LibreOffice twice; nothing personal
    uno_python: Path  # the interpreter that can import uno
    soffice: Path
    rate_documents: int  # documents a minute that an organisation may ask for
    rate_reads: int  # other requests a minute of a key, or of an address without one
    rate_failures: int  # requests a minute without a working key, of an address
    proxies: int  # in front of the service: so many last words of X-Forwarded-For are believed
    host: str  # opaque name of this instance, for log entries

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        """From environment variables; `ConfigurationError` names what is unknown or unreadable."""
        given = {key[5:].lower(): value for key, value in environment.items() if key.startswith("DULY_")}
        if unknown := given.keys() - {field.name for field in fields(cls)}:
            raise ConfigurationError(f"unknown settings: {', '.join(sorted('DULY_' + key.upper() for key in unknown))}")
        if empty := sorted(key for key, value in given.items() if not value and key not in _MAY_BE_EMPTY):
            raise ConfigurationError(f"DULY_{empty[0].upper()} is empty")  # a path "" would be the working directory
        home = Path(given.get("home", "var"))
        database_url = given.get("database_url", f"sqlite:///{home / 'duly.db'}")
        settings = cls(
            home=home,
            database_url=database_url,
            database_owner_url=given.get("database_owner_url", database_url),
            blobs=Path(given.get("blobs", home / "blobs")),
            library=Path(given.get("library", home / "library")),
            work=Path(given.get("work", home / "work")),
            checkpoints=Path(given.get("checkpoints", home / "checkpoints")),
            case_keys=_as_url(given.get("case_keys", str(home / "keys" / "case-keys.db"))),
            master_key=Path(given.get("master_key", home / "keys" / "master.key")),
            log_key=Path(given.get("log_key", home / "keys" / "log.pem")),
            log_origin=_shaped("log_origin", given.get("log_origin", "duly.example/audit"), _ORIGIN),
            templates=Path(given.get("templates", ROOT / "templates")),
            issuers=Path(given.get("issuers", ROOT / "templates" / "issuers")),
            signing=_one_of("signing", given.get("signing", "specimen"), {"specimen", "pkcs12"}),
            signing_keys=Path(given.get("signing_keys", home / "keys" / "signing")),
            signing_passphrase=given.get("signing_passphrase", ""),
            public_url=_shaped("public_url", given.get("public_url", "http://127.0.0.1:8080"), _URL),
            deadline=_positive("deadline", given.get("deadline", "30")),
            approval_days=int(_shaped("approval_days", given.get("approval_days", "7"), _COUNT)),
            converter=_one_of("converter", given.get("converter", "office"), {"office", "gotenberg"}),
            gotenberg_url=given.get("gotenberg_url", ""),
            slots=int(_shaped("slots", given.get("slots", _share(environment)), _COUNT)),
            queue=int(_shaped("queue", given.get("queue", "16"), _COUNT)),
            quarantine=Path(given.get("quarantine", home / "quarantine")),
            uno_python=Path(given.get("uno_python", "/usr/bin/python3")),
            soffice=Path(given.get("soffice", "/usr/bin/soffice")),
            rate_documents=int(_shaped("rate_documents", given.get("rate_documents", "600"), _RATE)),
            rate_reads=int(_shaped("rate_reads", given.get("rate_reads", "3000"), _RATE)),
            rate_failures=int(_shaped("rate_failures", given.get("rate_failures", "30"), _RATE)),
            proxies=int(_shaped("proxies", given.get("proxies", "0"), _PROXIES)),
            host=_shaped("host", given.get("host", "local"), _HOST),
        )
        if settings.signing == "pkcs12" and not settings.signing_passphrase:
            raise ConfigurationError("DULY_SIGNING=pkcs12 needs DULY_SIGNING_PASSPHRASE")
        if (settings.converter == "gotenberg") != bool(settings.gotenberg_url):
            raise ConfigurationError("DULY_CONVERTER=gotenberg and DULY_GOTENBERG_URL belong together")
        return settings


def from_environment() -> Settings:
    return Settings.read(os.environ)


def _as_url(place: str) -> str:
    """A database: a URL as it is, anything else is a file."""
    return place if "://" in place else f"sqlite:///{place}"


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0))


def workers(environment: Mapping[str, str]) -> int:
    """Processes of the service: gunicorn's own variable says how many; by default one for each core."""
    given = environment.get("WEB_CONCURRENCY", str(cores()))
    if not re.fullmatch(r"[1-9][0-9]{0,3}", given):
        raise ConfigurationError("WEB_CONCURRENCY must be a whole number above 0")
    return int(given)


def _share(environment: Mapping[str, str]) -> str:
    """Of the cores, for one process: LibreOffice needs a whole one, and slots never multiply with threads."""
    return str(min(99, max(1, cores() // workers(environment))))


def _one_of(name: str, value: str, allowed: set[str]) -> str:
    if value not in allowed:
        raise ConfigurationError(f"DULY_{name.upper()} is one of {sorted(allowed)}")
    return value


def _shaped(name: str, value: str, form: re.Pattern[str]) -> str:
    if not form.fullmatch(value):
        raise ConfigurationError(f"DULY_{name.upper()} does not look like {form.pattern}")
    return value


def _positive(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e6:
        raise ConfigurationError(f"DULY_{name.upper()} must be a number above 0, and not beyond all use")
    return number
