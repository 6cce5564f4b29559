"""What must hold before the service opens. Whatever does not is a `ConfigurationError` that names its setting."""

import shutil
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app import fonts, pipeline, signing
from app.catalogue import Issuer
from app.config import Settings
from app.convert import Converter, Gotenberg, Observer, Pool
from app.errors import ConfigurationError, StepFailed
from app.store import case_keys
from app.store.case_keys import CaseKeys
from app.store.database import Database, open_database
from audit import checkpoint, log
from audit.errors import AuditError
from audit.keeper import Keeper


def open_converter(settings: Settings, observer: Observer | None = None) -> Converter:
    """LibreOffice here, or a server; either is opened, not waited for."""
    if settings.converter == "gotenberg":
        return Gotenberg(settings.gotenberg_url, settings.deadline, observer)
    home, programs = settings.work / "office", (settings.uno_python, settings.soffice)
    pool = Pool(
        settings.slots, settings.deadline, *programs, home,
        queue=settings.queue, quarantine=settings.quarantine, observer=observer,
    )  # fmt: skip
    return pool.open()


def require_tools(settings: Settings) -> None:
    """LibreOffice, its Python and the fonts are here. That they work, the first conversion shows."""
    programs = (("DULY_SOFFICE", settings.soffice), ("DULY_UNO_PYTHON", settings.uno_python))
    for name, program in programs if settings.converter == "office" else ():
        if shutil.which(program.absolute()) is None:
            raise ConfigurationError(f"{name}: {program} does not exist or may not be executed")
    if missing := fonts.missing():
        raise ConfigurationError(f"fonts are not installed: {', '.join(missing)}")


def require_folders(settings: Settings) -> None:
    """Each folder is there, made now if need be, and takes a file."""
    folders = {
        "DULY_HOME": settings.home,
        "DULY_BLOBS": settings.blobs,
        "DULY_LIBRARY": settings.library,
        "DULY_WORK": settings.work,
    }
    folders |= {"DULY_CHECKPOINTS": settings.checkpoints}
    if settings.converter == "office":
        folders |= {"DULY_QUARANTINE": settings.quarantine}
    for name, folder in folders.items():
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            probe(folder)
        except OSError as error:
            raise ConfigurationError(f"{name}: {folder}: {error.strerror}") from error


def probe(folder: Path) -> None:
    """Write a file into a folder and take it away again; `OSError` when that cannot be."""
    with tempfile.TemporaryFile(dir=folder) as stream:
        stream.write(b"?")
        stream.flush()


def signing_passphrase(settings: Settings) -> bytes:
    return (settings.signing_passphrase or "specimen").encode()  # a specimen key protects nothing


def load_signer(settings: Settings, issuer: Issuer) -> signing.Signer:
    kind = signing.UnsafeSpecimenSigner if settings.signing == "specimen" else signing.Pkcs12Signer
    path = settings.signing_keys / f"{issuer.id}.p12"
    return kind.load(path, signing_passphrase(settings), issuer, at=pipeline.utc_now())


def read_log_key(settings: Settings) -> Ed25519PrivateKey:
    try:
        return checkpoint.load_key(settings.log_key.read_bytes())
    except (OSError, AuditError) as error:
        raise ConfigurationError(f"DULY_LOG_KEY: {settings.log_key} is missing or unreadable") from error


def existing_case_keys(settings: Settings) -> CaseKeys:
    """The keys of the cases, under this master key; never an empty store in the place of a lost one."""
    keys = case_keys_of(settings)
    keys.require_master()
    return keys


def case_keys_of(settings: Settings) -> CaseKeys:
    """The store that the settings name, whether it is there or not."""
    master_key = case_keys.read_master_key(settings.master_key)
    return CaseKeys(open_database(settings.case_keys, "DULY_CASE_KEYS"), master_key)


def existing_database(settings: Settings) -> Database:
    """The database of documents and log: there, and one that can be read."""
    database = open_database(settings.database_url)
    if not database.exists():
        raise ConfigurationError(f"DULY_DATABASE_URL: {database.place} does not exist; run `flask --app wsgi init`")
    try:
        database.require_readable()
    except StepFailed as error:
        raise ConfigurationError(f"DULY_DATABASE_URL: {database.place} cannot be read as a database") from error
    return database


def require_owner_url(settings: Settings) -> None:
    """The owner's address is one, although only `migrate` will use it."""
    open_database(settings.database_owner_url, "DULY_DATABASE_OWNER_URL").close()


def require_same_log(database: Database, keeper: Keeper) -> None:
    """The log is named and signed as settings say, and continues the newest checkpoint outside the database."""
    try:
        with database.read() as session:
            size = log.head(session.connection()).size
            known = log.log_keys(session.connection(), size)
        _require_known(keeper, known)
        with database.read() as session:  # fresh: no reader may hold the database while it waits for the keeper
            keeper.cover(session.connection(), size - 1)
    except (AuditError, OSError) as error:
        reason = f"the log is not the one signed before ({type(error).__name__})"
        raise ConfigurationError(f"DULY_CHECKPOINTS: {reason}") from error


def _require_known(keeper: Keeper, known: list[str]) -> None:
    if keeper.origin not in {checkpoint.parse_vkey(vkey).name for vkey in known}:
        raise ConfigurationError(f"DULY_LOG_ORIGIN: the log in the database is not called {keeper.origin}")
    if keeper.vkey not in known:
        raise ConfigurationError("DULY_LOG_KEY: not a key that the log names; it signs another log, or is retired")
