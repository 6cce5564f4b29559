"""The house, wired: what the faces (HTTP, command line) are given.

`open_house` refuses to open when anything is missing or does not fit: a key, a pack, a font, a template that asks for
what no fact gives, a database of another shape, a log that is not the one its checkpoints know.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from marshmallow import Schema

from app import blanks, disclosures, facts, fonts, gate, pipeline, render, signing, wording
from app.artifacts import Approved, Assembled, Attempt, Rendered, Signed, Verified
from app.catalogue import DocumentType, Issuer, Requirement
from app.catalogue.load import Catalogue, load, read_yaml
from app.config import VERSION, Settings
from app.convert import Pool
from app.errors import ConfigurationError, InvalidRequest, StepFailed
from app.facts.issuer import read_issuer
from app.facts.sample import at_day
from app.gate.cases import Scenario, scenarios
from app.pipeline import Steps
from app.store import case_keys, schema
from app.store.api_keys import ApiKeys
from app.store.blobs import Blobs, Library
from app.store.case_keys import CaseKeys
from app.store.database import Database
from app.store.documents import Documents
from app.store.journal import Journal
from app.store.models import DocumentRow
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
    keys: ApiKeys
    keeper: Keeper
    pool: Pool
    steps: Steps

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

    def approved_again(self, row: DocumentRow) -> Approved:
        """What an issued document was filled from, out of its record and today's catalogue.

        Once templates or the issuer's record change, their old files are in the library, under the entry's digests.
        """
        record = self.documents.read_record(row)
        kind, issuer = self.catalogue.types[row.type], self.catalogue.issuers[row.issuer]
        payload, _ = self.entry(row.outcome_seq or 0)
        specimen = payload["signature"]["specimen"]
        document = _about(kind, issuer, row.number, row.on, record["check_code"], specimen=specimen)
        return Approved(
            document_id=row.id,
            type=row.type,
            issuer=row.issuer,
            number=row.number,
            on=row.on,
            specimen=specimen,
            facts=record["facts"],
            blanks=blanks.build(document, issuer.record, record["facts"], kind.masking, row.on),
            rules=tuple(payload["rules"]),
        )

    def export(self, folder: Path) -> None:
        """The log as files that audit/verify.py checks alone."""
        note = self.cover_all()
        with self.database.read() as session:
            export.export(session.connection(), note, folder)

    def ready(self) -> dict[str, bool]:
        """Which parts could do their work now."""
        return {"database": self._reads(), "converter": self.pool.ready(), "fonts": not fonts.missing()}

    def close(self) -> None:
        self.pool.close()
        self.documents.case_keys.close()
        self.database.close()

    def _reads(self) -> bool:
        try:
            self.entries(0, 1)
        except Exception:
            return False
        return True


def open_house(settings: Settings) -> House:
    """Open everything, or raise `ConfigurationError` with the setting that is in the way."""
    catalogue = load_catalogue(settings)
    if missing := fonts.missing():
        raise ConfigurationError(f"fonts are not installed: {', '.join(missing)}")
    signers = {issuer.id: _signer(settings, issuer) for issuer in catalogue.issuers.values()}
    log_key = read_log_key(settings)
    keys = CaseKeys(settings.case_keys, case_keys.read_master_key(settings.master_key))
    keys.require_master()
    database = existing_database(settings)
    schema.require_current(database)
    keeper = Keeper(settings.checkpoints, log_key, settings.log_origin)
    _require_same_log(database, keeper)
    journal = Journal(settings.host, VERSION)
    lease = timedelta(seconds=2 * settings.deadline + 60)  # waiting, converting, and a minute for all the rest
    documents = Documents(database, Blobs(settings.blobs), keys, journal, fonts.digest(), lease)
    _keep_sources(settings, catalogue)
    pool = Pool(settings.slots, settings.deadline, settings.uno_python, settings.soffice, settings.work / "office")
    pool.open()
    return House(
        settings=settings,
        catalogue=catalogue,
        schemas={kind.name: request_schema(kind) for kind in catalogue.types.values()},
        signers=signers,
        database=database,
        documents=documents,
        keys=ApiKeys(database, journal),
        keeper=keeper,
        pool=pool,
        steps=_steps(settings, catalogue, signers, documents, pool),
    )


def load_catalogue(settings: Settings) -> Catalogue:
    """templates/ as data, proven to fit together: rules to checks, blanks to facts."""
    catalogue = load(settings.templates, settings.issuers, read_issuer)
    today = wording.beijing_day(pipeline.utc_now())
    samples = {kind.name: _asked(kind, today) for kind in catalogue.types.values()}
    for pack in catalogue.packs.values():
        gate.fits(pack.rules, samples)
    return catalogue


def _asked(kind: DocumentType, on: date) -> gate.Question:
    """The type's own sample as a question to the gate."""
    try:
        return gate.Question(facts.validate(request_schema(kind), read_sample(kind, on)), on)
    except (InvalidRequest, OSError, ValueError) as error:
        raise ConfigurationError(f"{kind.folder / 'sample.json'}: not a valid request") from error


def request_schema(kind: DocumentType) -> type[Schema]:
    return facts.request_schema(kind.name, kind.facts)


def read_sample(kind: DocumentType, today: date) -> Any:
    """The type's sample.json with its days, given as offsets, counted from `today`."""
    return at_day(json.loads((kind.folder / "sample.json").read_text("utf-8")), today)


def lint(catalogue: Catalogue) -> list[str]:
    """What is wrong with templates and required wording; nothing may be served while this is not empty."""
    return [f"{kind.name}: {problem}" for kind in catalogue.types.values() for problem in _faults(catalogue, kind)]


def _faults(catalogue: Catalogue, kind: DocumentType) -> Iterator[str]:
    known = set(_names(facts.shape(request_schema(kind))))
    yield from (f"masking: no fact has the field {name}" for name in kind.masking if name not in known)
    for issuer in catalogue.issuers.values():
        shape = blanks.offered(facts.shape(request_schema(kind)), issuer.record, kind.masking)
        yield from (str(problem) for problem in render.lint(kind, shape))
        for line in catalogue.packs[kind.jurisdiction].disclosures:
            for requirement in line.require if kind.name in line.applies_to else ():
                yield from (f"{line.id}: {path} is no fact" for path in _unknown(requirement, shape))


def _names(shape: Any) -> Iterator[str]:
    """The names of all fields of a shape, at every depth."""
    if isinstance(shape, list):
        yield from _names(shape[0])
    elif isinstance(shape, dict):
        for name, inner in shape.items():
            yield name
            yield from _names(inner)


def _unknown(requirement: Requirement, shape: blanks.Shape) -> list[str]:
    """Blanks of required wording that no fact fills."""
    bound = {requirement.each[0]: f"{requirement.each[1]}[]"} if requirement.each else {}
    texts = (*requirement.texts, *([f"{{{{ {requirement.when} }}}}"] if requirement.when else []))
    asked = {path for text in texts for path in blanks.asked(text, bound)}
    return sorted(path for path in asked if not blanks.known(path, shape))


def read_cases(settings: Settings, jurisdiction: str) -> list[Scenario]:
    """The scenarios beside the law."""
    path = settings.templates / "jurisdictions" / jurisdiction / "cases.yaml"
    return scenarios(read_yaml(path)["cases"])


def signing_passphrase(settings: Settings) -> bytes:
    return (settings.signing_passphrase or "specimen").encode()  # a specimen key protects nothing


def _signer(settings: Settings, issuer: Issuer) -> signing.Signer:
    kind = signing.UnsafeSpecimenSigner if settings.signing == "specimen" else signing.Pkcs12Signer
    path = settings.signing_keys / f"{issuer.id}.p12"
    return kind.load(path, signing_passphrase(settings), issuer, at=pipeline.utc_now())


def read_log_key(settings: Settings) -> Ed25519PrivateKey:
    try:
        return checkpoint.load_key(settings.log_key.read_bytes())
    except (OSError, AuditError) as error:
        raise ConfigurationError(f"DULY_LOG_KEY: {settings.log_key} is missing or unreadable") from error


def existing_database(settings: Settings) -> Database:
    database = Database(settings.database_url)
    if not database.path.exists():
        raise ConfigurationError(f"DULY_DATABASE_URL: {database.path} does not exist; run `flask --app wsgi init`")
    return database


def _require_same_log(database: Database, keeper: Keeper) -> None:
    """The newest checkpoint outside the database must be a prefix of the log in it, or nothing starts."""
    try:
        with database.read() as session:
            size = log.head(session.connection()).size
        with database.read() as session:  # fresh: no reader may hold the database while it waits for the keeper
            keeper.cover(session.connection(), size - 1)
    except (AuditError, OSError) as error:
        reason = f"the log is not the one signed before ({type(error).__name__})"
        raise ConfigurationError(f"DULY_CHECKPOINTS: {reason}") from error


def _keep_sources(settings: Settings, catalogue: Catalogue) -> None:
    library = Library(settings.library)
    for content in catalogue.bundles.values():
        library.keep(content)


def _steps(
    settings: Settings, catalogue: Catalogue, signers: Mapping[str, signing.Signer], documents: Documents, pool: Pool
) -> Steps:
    if problems := lint(catalogue):
        raise ConfigurationError("templates: " + "; ".join(problems))

    def approve(attempt: Attempt) -> Approved:
        return _approve(attempt)

    def rendered(approved: Approved, folder: Path) -> Rendered:
        kind = catalogue.types[approved.type]
        return render.render(approved, kind, _pictures(catalogue, approved), folder)

    def verified(assembled: Assembled) -> Verified:
        approved = assembled.converted.rendered.approved
        pack = catalogue.packs[catalogue.types[approved.type].jurisdiction]
        required = pack.disclosures_for(approved.type, approved.on)
        return disclosures.verify(assembled, required, _pictures(catalogue, approved))

    def signed(verified: Verified, folder: Path, at: datetime) -> Signed:
        approved = verified.assembled.converted.rendered.approved
        made = signing.sign(verified, signers[approved.issuer], folder, at)
        for before, after in zip(verified.assembled.parts, made.parts, strict=True):
            if not disclosures.same_pages(before.file.path, after.file.path):
                raise StepFailed("sign", "signing changed what the pages show", status=500)
        return made

    return Steps(
        begin=documents.begin,
        approve=approve,
        render=rendered,
        convert=pool.convert,
        assemble=pipeline.letter_is_its_part,
        verify=verified,
        sign=signed,
        seal=documents.seal,
        refuse=documents.refuse,
        fail=documents.fail,
        work=settings.work,
        now=pipeline.utc_now,
    )


def _approve(attempt: Attempt) -> Approved:
    order = attempt.order
    rules = order.pack.rules_for(order.type.name, order.on)
    passed = gate.pass_gate(rules, gate.Question(order.facts, order.on))
    document = _about(order.type, order.issuer, attempt.number, order.on, attempt.check_code, specimen=order.specimen)
    return Approved(
        document_id=attempt.document_id,
        type=order.type.name,
        issuer=order.issuer.id,
        number=attempt.number,
        on=order.on,
        specimen=order.specimen,
        facts=order.facts,
        blanks=blanks.build(document, order.issuer.record, order.plain, order.type.masking, order.on),
        rules=passed,
    )


def _about(
    kind: DocumentType, issuer: Issuer, number: str, on: date, check_code: str, *, specimen: bool
) -> dict[str, Any]:
    """What the paper says of itself."""
    return {
        "number": number,
        "title": kind.title,
        "on": on.isoformat(),
        "check_code": check_code,
        "check_address": issuer.record["check_address"],
        "specimen": specimen,
    }


def _pictures(catalogue: Catalogue, approved: Approved) -> dict[str, bytes]:
    return {
        "stamp": catalogue.issuers[approved.issuer].stamp,
        "check_code": render.check_code_picture(approved.blanks["document"]),
    }
