"""What an operator does before the house opens: make keys, database and log once; bring the database up to date.

`initialise` never makes a second of anything that must be unique.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app import pipeline, signing, wording
from app.catalogue import Issuer
from app.catalogue.load import Catalogue
from app.config import VERSION, Settings
from app.errors import ConfigurationError, StepFailed
from app.opening import case_keys_of, existing_case_keys, existing_database, read_log_key, signing_passphrase
from app.registry import Registry, Stamps, Terms, baseline
from app.store import case_keys, schema
from app.store.api_keys import OPERATOR, ApiKeys
from app.store.database import Database, open_database
from app.store.journal import SYSTEM, Journal
from app.templates import load_catalogue, read_sample
from audit import checkpoint, log
from audit.keeper import Keeper

SPECIMEN_LASTS = timedelta(days=365)
SPECIMEN_SINCE = timedelta(days=90)  # papers of days gone by can be tried out as well
SPECIMEN_USES = 1_000_000
SPECIMEN_APPROVERS = ("SPECIMEN-1", "SPECIMEN-2")


@dataclass(frozen=True)
class Desk:
    """Database, callers, registry and stamps alone: enough for the operator's commands."""

    database: Database
    keys: ApiKeys
    journal: Journal
    registry: Registry
    stamps: Stamps


@contextmanager
def desk(settings: Settings) -> Iterator[Desk]:
    """What one command needs of an installation that was begun."""
    database = existing_database(settings)
    kept = existing_case_keys(settings)
    try:
        schema.require_current(database)
        journal = Journal(settings.host, VERSION)
        rooms = Registry(database, kept), Stamps(database, kept, journal)
        yield Desk(database, ApiKeys(database, journal), journal, *rooms)
    finally:
        database.close()
        kept.close()


def migrate(settings: Settings) -> None:
    """Bring the tables to this version's shape, as their owner, and give the service's role what it needs."""
    database = _owned(settings)
    try:
        with _named(database.setting):
            schema.migrate(database, open_database(settings.database_url).role)
    finally:
        database.close()


def initialise(settings: Settings) -> list[str]:
    """Make what a first start needs, and say what was made; an empty list when all was there.

    A log is begun once. When the database is there and one of its keys is not, that is a loss to look into, not a
    first start: `ConfigurationError`. A crash in between leaves less than a log, and the next call goes on.
    """
    catalogue = load_catalogue(settings)
    if _begun(settings):
        existing_case_keys(settings).close()
        read_log_key(settings)
        return _specimen_authorisations(settings, catalogue)
    with _named("DULY_MASTER_KEY"):
        made = [_secret(settings.master_key, case_keys.new_master_key())]
    with _named("DULY_LOG_KEY"):
        made += [_secret(settings.log_key, checkpoint.new_key().decode())]
    if settings.signing == "specimen":
        made += [_specimen(settings, issuer) for issuer in catalogue.issuers.values()]
    with _named("DULY_CASE_KEYS"):
        keys = case_keys_of(settings)
        keys.initialise()
        keys.close()
    with _named("DULY_CHECKPOINTS"):
        keeper = Keeper(settings.checkpoints, read_log_key(settings), settings.log_origin)
    migrate(settings)
    _begin_log(settings, catalogue, keeper)
    made.append(f"made the log {settings.log_origin}")
    if settings.signing == "specimen":
        made.append(_sample_accounts(settings, catalogue))
    made += _specimen_authorisations(settings, catalogue)
    return [line for line in made if line]


def _begun(settings: Settings) -> bool:
    database = _owned(settings)
    try:
        if not database.exists():
            return False
        with _named(database.setting), database.read() as session:
            return schema.has_log(session.connection())
    finally:
        database.close()


def _owned(settings: Settings) -> Database:
    """The database as the role that owns its tables; on SQLite there is only one."""
    if settings.database_owner_url == settings.database_url:
        return open_database(settings.database_url)
    return open_database(settings.database_owner_url, "DULY_DATABASE_OWNER_URL")


@contextmanager
def _named(setting: str) -> Iterator[None]:
    """What cannot be made is told with the setting that says where."""
    try:
        yield
    except OSError as error:
        raise ConfigurationError(f"{setting}: {error.filename}: {error.strerror}") from error
    except StepFailed as error:
        raise ConfigurationError(f"{setting}: {error}") from error


def _begin_log(settings: Settings, catalogue: Catalogue, keeper: Keeper) -> None:
    database = _owned(settings)
    if keeper.latest() is not None:
        raise ConfigurationError(f"DULY_CHECKPOINTS: {settings.checkpoints} knows a log, and the database has none")
    policy = hashlib.sha256("".join(sorted(pack.digest for pack in catalogue.packs.values())).encode()).hexdigest()
    try:
        with database.write() as session:
            common = Journal(settings.host, VERSION).common(SYSTEM, pipeline.utc_now())
            log.create(session.connection(), settings.log_origin, keeper.vkey, policy, common)
        with database.read() as session:
            keeper.cover(session.connection(), 0)
    finally:
        database.close()


def _sample_accounts(settings: Settings, catalogue: Catalogue) -> str:
    """A baseline for the accounts of the samples, which are nobody's, so that they can be tried out."""
    at = pipeline.utc_now()
    samples = [read_sample(kind, wording.beijing_day(at)) for kind in catalogue.types.values()]
    numbers = {(one["issuer"], one["account"]["card_number"]) for one in samples if "account" in one}
    with desk(settings) as office:
        for issuer in sorted({issuer for issuer, _ in numbers}):
            own = [
                {"card_number": number, "known_since": "2000-01-01", "events": None}
                for bank, number in sorted(numbers)
                if bank == issuer
            ]
            digest = hashlib.sha256(repr(own).encode()).hexdigest()
            baseline.take(office.registry, office.journal, baseline.File(digest, issuer, at, own), SYSTEM, at)
    return f"registered the {len(numbers)} account(s) of the samples"


def _secret(path: Path, content: str) -> str:
    """Write a secret that only its owner can read; what is there already stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return ""
    with os.fdopen(handle, "w") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return f"made {path}"


def _specimen(settings: Settings, issuer: Issuer) -> str:
    path = settings.signing_keys / f"{issuer.id}.p12"
    signing.make_specimen(path, signing_passphrase(settings), issuer, at=pipeline.utc_now())
    return f"made {path}: a specimen key, good for trying out and nothing else"


def _specimen_authorisations(settings: Settings, catalogue: Catalogue) -> list[str]:
    """Use of the stamp for the demonstration, once for each issuer that never had any; none at all with real keys."""
    if settings.signing != "specimen":
        return []
    at = pipeline.utc_now()
    today = wording.beijing_day(at)
    made = []
    with desk(settings) as office:
        for issuer in catalogue.issuers.values():
            if office.stamps.listed(issuer.id):
                continue
            terms = Terms(
                issuer=issuer.id,
                stamp_sha256=issuer.stamp_sha256,
                types=tuple(sorted(catalogue.types)),
                template_sha256=None,
                since=today - SPECIMEN_SINCE,
                until=today + SPECIMEN_LASTS,
                maximum=SPECIMEN_USES,
                approvers=SPECIMEN_APPROVERS,
            )
            authorisation = office.stamps.authorise(terms, OPERATOR, at)
            made.append(
                f"authorised the stamp of {issuer.id} until {terms.until} ({authorisation}), in the name of two"
                " approvers who do not exist: good for trying out and nothing else"
            )
    return made
