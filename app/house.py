"""The house, wired: what the faces (HTTP, command line) are given.

`open_house` refuses to open when anything is missing or does not fit: a key, a pack, a font, a template that asks for
what no fact gives, a database of another shape, a log that is not the one its checkpoints know.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from marshmallow import Schema

from app import fonts, lint, opening, pipeline, rates, signing, wiring, wording
from app.catalogue.load import Catalogue
from app.config import VERSION, Settings
from app.convert import Converter
from app.disclosures import Reader
from app.errors import ConfigurationError, StepFailed
from app.metrics import Metrics
from app.pipeline import Steps
from app.rates import Rates
from app.registry import Agreements, Deliveries, Objections, Registry
from app.store import recovery, schema
from app.store.api_keys import ApiKeys
from app.store.approvals import Approvals
from app.store.blobs import Blobs, Library
from app.store.database import Database
from app.store.documents import Documents
from app.store.journal import Journal
from app.store.models import DocumentRow
from app.templates import load_catalogue, read_sample, request_schema
from app.timed import TimedDatabase
from app.workroom import Workroom
from audit import checkpoint, entry, export, log, receipt
from audit.errors import AuditError
from audit.keeper import Keeper


@dataclass(frozen=True)
class House:
    """Everything that a face may use. Open it after fork; close it at the end of the process."""

    settings: Settings
    catalogue: Catalogue
    schemas: Mapping[str, type[Schema]]
    signers: Mapping[str, signing.Signer]
    database: Database
    documents: Documents
    registry: Registry
    deliveries: Deliveries
    objections: Objections
    agreements: Agreements
    approvals: Approvals
    keys: ApiKeys
    keeper: Keeper
    pool: Converter
    reader: Reader
    room: Workroom
    steps: Steps
    metrics: Metrics
    rates: Rates

    @property
    def vkey(self) -> str:
        """The key that verifies the log's checkpoints."""
        return self.keeper.vkey

    def sample(self, document_type: str) -> Any:
        """The type's sample request, its days counted from today."""
        return read_sample(self.catalogue.types[document_type], wording.beijing_day(self.steps.now()))

    def cover(self, seq: int) -> str:
        """A durable signed checkpoint that covers the entry: what releases a document."""
        try:
            with self.database.read() as session:
                return self.keeper.cover(session.connection(), seq)
        except (OSError, AuditError) as error:
            raise StepFailed("release", f"no checkpoint: {type(error).__name__}") from error

    def cover_all(self) -> str:
        """A checkpoint of the whole log as it stands."""
        with self.database.read() as session:
            size = log.head(session.connection()).size
        return self.cover(size - 1)

    def entry(self, seq: int) -> tuple[dict[str, Any], str]:
        """An entry's payload and hash."""
        [(_, leaf, digest)] = self.entries(seq, 1)
        return entry.parse(leaf).payload, digest

    def entries(self, start: int, limit: int, organisation: str | None = None) -> list[tuple[int, bytes, str]]:
        """(seq, exact bytes, entry hash) of up to `limit` entries from `start`, of one organisation or of all."""
        with self.database.read() as session:
            found = log.read(session.connection(), start, limit, org=organisation)
        if not all(row.agrees for row in found):
            raise StepFailed("log", "an entry's bytes, hash and columns do not agree", status=500)
        return [(row.seq, row.leaf, row.hash.hex()) for row in found]

    def receipt(self, row: DocumentRow) -> bytes:
        """The receipt (存证回执) of an issued document, under a checkpoint that covers it."""
        seq = row.outcome_seq or 0
        record = self.documents.read_record(row)
        note = self.cover(seq)
        key = base64.b64decode(record["disclosure_key"])
        with self.database.read() as session:
            proven = [(line["id"], line["text"]) for line in record["disclosures"]]
            return receipt.build(session.connection(), seq, note, key, proven)

    def export(self, folder: Path) -> None:
        """The log as files that audit/verify.py checks alone."""
        note = self.cover_all()
        try:
            with self.database.read() as session:
                export.export(session.connection(), note, folder)
        except OSError as error:
            raise StepFailed("export", f"{type(error).__name__} {error.errno}") from error

    def ready(self) -> dict[str, bool]:
        """Which parts could do their work now. Folders are written to, for a full disk can still be read."""
        return {
            "database": self._reads(),
            "blobs": _takes_files(self.settings.blobs),
            "checkpoints": _takes_files(self.settings.checkpoints),
            "work": _takes_files(self.room.folder),
            "converter": self.pool.ready(),
            "reader": self.reader.ready(),
            "fonts": not fonts.missing(),
        }

    def figures(self) -> dict[str, int | None]:
        """How the stores stand now, for whoever watches; None where that cannot be read."""
        now = self.steps.now()
        stuck, entries, kept, overdue = (
            _unless_broken(lambda: recovery.stuck(self.documents, now)),
            _unless_broken(self._entries),
            _unless_broken(self._kept),
            _unless_broken(lambda: self.objections.overdue(wording.beijing_day(now))),
        )
        return {
            "stuck_documents": stuck,
            "log_entries": entries,
            "checkpoint_entries": kept,
            "overdue_objections": overdue,
            "database_readable": int(stuck is not None and entries is not None),
            "checkpoints_readable": int(kept is not None),
        }

    def close(self) -> None:
        self.pool.close()
        self.reader.close()
        self.room.close()
        self.documents.case_keys.close()
        self.database.close()

    def _entries(self) -> int:
        with self.database.read() as session:
            return log.head(session.connection()).size

    def _kept(self) -> int:
        note = self.keeper.latest()
        return checkpoint.parse(note).checkpoint.size if note else 0

    def _reads(self) -> bool:
        try:
            self.entries(0, 1)
        except Exception:
            return False
        return True


def open_house(settings: Settings) -> House:
    """Open everything, or raise `ConfigurationError` with the setting that is in the way."""
    catalogue = load_catalogue(settings)
    if problems := lint.lint(catalogue):
        raise ConfigurationError("DULY_TEMPLATES: " + "; ".join(problems))
    opening.require_tools(settings)
    signers = {issuer.id: opening.load_signer(settings, issuer) for issuer in catalogue.issuers.values()}
    log_key = opening.read_log_key(settings)
    keys = opening.existing_case_keys(settings)
    database = opening.existing_database(settings)
    opening.require_owner_url(settings)
    schema.require_current(database)
    opening.require_folders(settings)
    keeper = Keeper(settings.checkpoints, log_key, settings.log_origin)
    opening.require_same_log(database, keeper)
    journal = Journal(settings.host, VERSION)
    lease = timedelta(seconds=2 * settings.deadline + 60)  # waiting, converting, and a minute for all the rest
    rules = {rule.id for pack in catalogue.packs.values() for rule in pack.rules}
    metrics = Metrics(catalogue.types, rules)
    writing = TimedDatabase(database, metrics.appended)
    documents = Documents(writing, Blobs(settings.blobs), keys, journal, fonts.digest(), lease)
    _give_up_what_a_crash_left(documents)
    _keep_sources(settings, catalogue)
    registry = Registry(database, keys)
    agreements = Agreements(registry, documents)
    limits = Rates(settings.work / rates.FILE, rates.most(settings), metrics.exceeded)
    pool = opening.open_converter(settings, metrics)
    reader = Reader().open()
    room = Workroom.open(settings.work)
    return House(
        settings=settings,
        catalogue=catalogue,
        schemas={kind.name: request_schema(kind) for kind in catalogue.types.values()},
        signers=signers,
        database=database,
        documents=documents,
        registry=registry,
        deliveries=Deliveries(database, keys, journal),
        objections=Objections(registry, documents),
        agreements=agreements,
        approvals=Approvals(database, keys, journal, lease),
        keys=ApiKeys(database, journal),
        keeper=keeper,
        pool=pool,
        reader=reader,
        room=room,
        steps=wiring.steps(
            catalogue,
            signers,
            documents,
            registry,
            agreements,
            pool,
            reader,
            room.folder,
            metrics,
            timedelta(days=settings.approval_days),
        ),
        metrics=metrics,
        rates=limits,
    )


def _unless_broken(read: Callable[[], int]) -> int | None:
    try:
        return read()
    except (StepFailed, AuditError, OSError):
        return None


def _takes_files(folder: Path) -> bool:
    try:
        opening.probe(folder)
    except OSError:
        return False
    return True


def _give_up_what_a_crash_left(documents: Documents) -> None:
    try:
        recovery.sweep(documents, pipeline.utc_now())
    except StepFailed as error:
        raise ConfigurationError(f"{documents.database.setting}: cannot be written to: {error}") from error


def _keep_sources(settings: Settings, catalogue: Catalogue) -> None:
    """The library is written at the start alone: what every later entry names is durable before the first."""
    library = Library(settings.library)
    try:
        for content in catalogue.bundles.values():
            library.keep(content)
    except OSError as error:
        raise ConfigurationError(f"DULY_LIBRARY: {settings.library}: {error.strerror}") from error
