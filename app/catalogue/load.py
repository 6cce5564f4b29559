"""Load templates/ at start-up. The service does not start if it does not fit together.

Every mistake is a `ConfigurationError` that names the file and what is wrong in it: an unknown or missing key, a key
given twice, a rule without a source, a pack without rules, a type that asks for a fact nobody knows, a type that no
pack speaks about.
"""

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from app.catalogue import (
    BLOCK,
    PDF,
    REVIEW,
    STAMP,
    TEXT,
    WARN,
    Disclosure,
    DocumentType,
    Issuer,
    Pack,
    Requirement,
    Rule,
    TemplatePart,
    Tier,
    in_force,
)
from app.catalogue.forbidden import read_lexicon
from app.catalogue.reading import Located, days, mistaken, read_yaml, source, take
from app.errors import ConfigurationError
from app.lexicon import Forbidden

SEVERITIES = {BLOCK, REVIEW, WARN}
PROOFS = {"gate", "page", "signature", "log"}
# How a message says that its basis was not seen in full, or is no law.
OWNING_UP = {"medium": "依据待核实", "low": "依据待核实", "policy": "本行政策"}
# Rules that other steps prove: on the finished page, by the signature.
PROVEN_ELSEWHERE = {
    "page": {"disclosures_are_shown", "numbers_are_masked"},
    "signature": {"issuer_has_signed", "file_is_the_verified_one"},
}
PAGES = {"any", "every", "last"}
PICTURES = {STAMP, "check_code"}
ENDINGS = {PDF: ".docx", TEXT: ".txt"}  # of the template, by what its part is when it leaves the house
Line = Rule | Disclosure | Forbidden
# What makes up a type, a pack and an issuer: their digests stand in the entries.
TYPE_FILES = ("document.yaml", "*.docx")  # and the templates of text parts: the twin of a .docx is a .txt too
PACK_FILES = ("*.yaml",)
ISSUER_FILES = ("issuer.yaml", "*.png")


@dataclass(frozen=True)
class Catalogue:
    """All that templates/ says, by name. `bundles` are the files behind it by the digest that entries name.

    A bundle is, file after file in order of name, `<name>\\0<length>\\0<bytes>`.
    """

    types: Mapping[str, DocumentType]
    packs: Mapping[str, Pack]
    issuers: Mapping[str, Issuer]
    bundles: Mapping[str, bytes]


def load(templates: Path, issuers: Path, read_issuer: Callable[[Path], Issuer]) -> Catalogue:
    """Read every folder; `read_issuer` validates one folder of the issuer register."""
    types = {folder.name: _document_type(folder) for folder in _folders(templates / "documents")}
    packs = {folder.name: _pack(folder) for folder in _folders(templates / "jurisdictions")}
    for kind in types.values():
        _spoken_about(kind, packs)
    register = {
        folder.name: replace(read_issuer(folder), sha256=_digest(folder, ISSUER_FILES)) for folder in _folders(issuers)
    }
    _apart(types, packs, register)
    bundles = [_bundle(kind.folder, _type_files(kind.parts)) for kind in types.values()]
    bundles += [_bundle(templates / "jurisdictions" / name, PACK_FILES) for name in packs]
    bundles += [_bundle(issuers / name, ISSUER_FILES) for name in register]
    return Catalogue(types, packs, register, {hashlib.sha256(bundle).hexdigest(): bundle for bundle in bundles})


def _folders(parent: Path) -> Iterator[Path]:
    found = sorted(path for path in parent.iterdir() if path.is_dir()) if parent.is_dir() else []
    if not found:
        raise ConfigurationError(f"{parent}: nothing is there")
    yield from found


def _document_type(folder: Path) -> DocumentType:
    path = folder / "document.yaml"
    keys = "type title version jurisdiction number_word facts masking parts signer"
    said = take(path, "document", read_yaml(path), keys, "tiers countersigned_by closed")
    title = take(path, "title", said["title"], "zh en")
    if said["type"] != folder.name:
        raise ConfigurationError(f"{path}: type {said['type']!r} lies in the folder {folder.name!r}")
    if said["signer"] != "issuer":
        raise ConfigurationError(f"{path}: signer {said['signer']!r} is unknown")
    if not isinstance(said.get("closed", False), bool):
        raise ConfigurationError(f"{path}: closed is true or false")
    if "countersigned_by" in said and said["countersigned_by"] not in list(said["facts"]):
        raise ConfigurationError(f"{path}: countersigned_by {said['countersigned_by']!r} is none of its facts")
    parts = tuple(_template_part(path, folder, part) for part in said["parts"])
    _parts_apart(path, parts)
    return DocumentType(
        name=folder.name,
        title=title["zh"],
        title_en=title["en"],
        version=str(said["version"]),
        jurisdiction=said["jurisdiction"],
        number_word=said["number_word"],
        sha256=_digest(folder, _type_files(parts)),
        facts=said["facts"],
        masking=said["masking"],
        parts=parts,
        folder=folder,
        tiers=_tiers(path, said.get("tiers", [])),
        countersigned_by=said.get("countersigned_by", ""),
        closed=said.get("closed", False),
    )


def _tiers(path: Path, given: Any) -> tuple[Tier, ...]:
    """Stages that follow one another without a gap and without overlap."""
    tiers = tuple(_tier(path, tier) for tier in given)
    for one, other in itertools.pairwise(tiers):
        if other.first != one.last + 1:
            raise ConfigurationError(f"{path}: tiers: {other.id} does not begin where {one.id} ends")
    return tiers


def _tier(path: Path, given: Any) -> Tier:
    said = take(path, "tiers", given, "id days title wording forbids")
    title = take(path, f"tiers: {said['id']}: title", said["title"], "zh en")
    first, last = said["days"]
    if not said["wording"] or first > last:
        raise ConfigurationError(f"{path}: tiers: {said['id']}: without wording, or its days run backwards")
    return Tier(said["id"], first, last, title["zh"], title["en"], tuple(said["wording"]), tuple(said["forbids"]))


def _template_part(path: Path, folder: Path, given: Any) -> TemplatePart:
    part = take(path, "parts", given, "name kind template")
    ending = ENDINGS.get(part["kind"])
    if ending is None:
        raise ConfigurationError(f"{path}: part {part['name']}: kind {part['kind']!r}; there is pdf and text")
    template = folder / part["template"]
    if template.suffix != ending:
        raise ConfigurationError(f"{path}: part {part['name']}: a {part['kind']} is made from a {ending} file")
    if not template.is_file():
        raise ConfigurationError(f"{path}: part {part['name']}: {part['template']} is missing")
    return TemplatePart(part["name"], part["kind"], template, hashlib.sha256(template.read_bytes()).hexdigest())


def _parts_apart(path: Path, parts: Sequence[TemplatePart]) -> None:
    """A document has pages, and no two of its parts can be taken for each other."""
    if not any(part.kind == PDF for part in parts):
        raise ConfigurationError(f"{path}: a document without parts that have pages")
    if len({part.name for part in parts}) != len(parts) or len({part.path.stem for part in parts}) != len(parts):
        raise ConfigurationError(f"{path}: two parts have the same name, or a text lies where a template's twin lies")


def _type_files(parts: Sequence[TemplatePart]) -> tuple[str, ...]:
    return (*TYPE_FILES, *(part.path.name for part in parts if part.kind == TEXT))


def _pack(folder: Path) -> Pack:
    path, wording = folder / "pack.yaml", folder / "disclosures.yaml"
    said = take(path, "pack", read_yaml(path), "pack version signed_off_by rules")
    worded = take(wording, "disclosures", read_yaml(wording), "version signed_off_by disclosures")
    if said["pack"] != folder.name:
        raise ConfigurationError(f"{path}: pack {said['pack']!r} lies in the folder {folder.name!r}")
    rules = tuple(_rule(path, rule) for rule in said["rules"] or [])
    disclosures = tuple(_disclosure(wording, line) for line in worded["disclosures"] or [])
    if not rules or not disclosures:
        raise ConfigurationError(f"{folder}: an empty pack approves nothing")
    _one_at_a_time(path, rules)
    _one_at_a_time(wording, disclosures)
    lexicon, reader = read_lexicon(folder / "lexicon.yaml", {line.id for line in disclosures})
    _one_at_a_time(folder / "lexicon.yaml", lexicon.lines)
    names = {said["signed_off_by"], worded["signed_off_by"], reader}
    signed = said["signed_off_by"] if len(names) == 1 else None
    return Pack(folder.name, str(said["version"]), signed, _digest(folder, PACK_FILES), rules, disclosures, lexicon)


def _digest(folder: Path, patterns: tuple[str, ...]) -> str:
    """SHA-256 over the names and bytes of the folder's files, so that any change of them shows."""
    return hashlib.sha256(_bundle(folder, patterns)).hexdigest()


def _bundle(folder: Path, patterns: tuple[str, ...]) -> bytes:
    paths = sorted(path for pattern in patterns for path in folder.glob(pattern))
    contents = [(path.name, path.read_bytes()) for path in paths]
    return b"".join(f"{name}\0{len(content)}\0".encode() + content for name, content in contents)


def _apart(types: Mapping[str, DocumentType], packs: Mapping[str, Pack], issuers: Mapping[str, Issuer]) -> None:
    """No two of them may be taken for each other, and no rule may speak about what does not exist."""
    if len({kind.number_word for kind in types.values()}) != len(types):
        raise ConfigurationError("two document types have the same number_word: their numbers would be the same")
    prefixes = {issuer.record.get("number_prefix", name) for name, issuer in issuers.items()}
    if len(prefixes) != len(issuers):
        raise ConfigurationError("two issuers have the same number_prefix: their numbers would be the same")
    for pack in packs.values():
        lines: list[Line] = [*pack.rules, *pack.disclosures, *pack.lexicon.lines]
        for line in lines:
            if strangers := set(line.applies_to) - types.keys():
                raise ConfigurationError(f"{pack.jurisdiction}: {line.id}: no document type {sorted(strangers)}")
        _shown_by_lines(pack)
        for disclosure in pack.disclosures:
            _in_its_part(pack, disclosure, [types[name] for name in disclosure.applies_to])


def _in_its_part(pack: Pack, line: Disclosure, kinds: Sequence[DocumentType]) -> None:
    """A disclosure stands on the pages or in one text part, which each of its types has."""
    asked = {requirement.part for requirement in line.require}
    texts = [{part.name for part in kind.parts if part.kind == TEXT} | {""} for kind in kinds]
    if len(asked) != 1 or not all(asked <= names for names in texts):
        raise ConfigurationError(f"{pack.jurisdiction}: {line.id}: speaks of the pages, or of one text part")


def _one_at_a_time(path: Path, lines: Sequence[Line]) -> None:
    """Of the lines of one id about one document type, one at the most is in force on a day."""
    for one, other in combinations(lines, 2):
        if one.id != other.id or not set(one.applies_to) & set(other.applies_to):
            continue
        if in_force(one, other.since) or in_force(other, one.since):
            raise ConfigurationError(f"{path}: {one.id} stands twice for {max(one.since, other.since)}")


def _shown_by_lines(pack: Pack) -> None:
    """A rule that the page proves names lines of disclosures.yaml, which speak about all its document types."""
    for rule in pack.rules:
        for wanted in rule.given.get("disclosures", ()):
            spoken = {name for line in pack.disclosures if line.id == wanted for name in line.applies_to}
            if not set(rule.applies_to) <= spoken:
                raise ConfigurationError(
                    f"{pack.jurisdiction}: rule {rule.id}: no line {wanted} for its document types"
                )


def _rule(path: Path, given: Any) -> Rule:
    keys = "id title applies_to severity use given source since until proven_by message"
    said = take(path, f"rule {given.get('id') if isinstance(given, dict) else '?'}", given, keys)
    at = f"rule {said['id']}"
    message = take(path, f"{at}: message", said["message"], "zh en")
    if said["severity"] not in SEVERITIES or said["proven_by"] not in PROOFS:
        raise mistaken(path, at, given, "severity or proven_by is unknown")
    since, until = days(path, at, said)
    if said["proven_by"] != "gate" and said["use"] not in PROVEN_ELSEWHERE.get(said["proven_by"], ()):
        raise mistaken(path, at, given, f"nobody proves {said['use']!r} by {said['proven_by']}")
    if (owned := OWNING_UP.get(said["source"]["confidence"])) and owned not in message["zh"]:
        raise mistaken(path, at, given, f"its message has to say {owned}")
    return Rule(
        id=said["id"],
        title=said["title"],
        applies_to=tuple(said["applies_to"]),
        severity=said["severity"],
        use=said["use"],
        given=said["given"],
        source=source(path, at, said["source"]),
        since=since,
        until=until,
        proven_by=said["proven_by"],
        message=message["zh"],
        message_en=message["en"],
        place=f"{path}:{given.line}" if isinstance(given, Located) else str(path),
    )


def _disclosure(path: Path, given: Any) -> Disclosure:
    said = take(path, "disclosure", given, "id item title applies_to source since until require")
    at = f"disclosure {said['id']}"
    since, until = days(path, at, said)
    require = tuple(_requirement(path, at, line) for line in said["require"] or [])
    if not require:
        raise mistaken(path, at, given, "requires nothing")
    applies = tuple(said["applies_to"])
    return Disclosure(
        said["id"], said["item"], said["title"], applies, source(path, at, said["source"]), since, until, require
    )


def _requirement(path: Path, at: str, given: Any) -> Requirement:
    said = take(path, at, given, "", "text picture each when points pages part conspicuous row")
    if ("text" in said) == ("picture" in said):
        raise mistaken(path, at, given, "each line requires one text or one picture")
    texts = said.get("text", [])
    each = said.get("each")
    made = Requirement(
        texts=(texts,) if isinstance(texts, str) else tuple(texts),
        picture=said.get("picture", ""),
        each=next(iter(each.items())) if each else None,
        when=said.get("when", ""),
        points=float(said.get("points", Requirement.points)),
        pages=said.get("pages", "any"),
        part=said.get("part", ""),
        conspicuous=said.get("conspicuous", False),
        row=said.get("row", False),
    )
    if made.part and said.keys() & {"picture", "points", "pages", "conspicuous", "row"}:
        raise mistaken(path, at, given, "a text has no pictures, sizes or weights of type, tables or pages")
    yes_or_no = isinstance(made.conspicuous, bool) and isinstance(made.row, bool)
    if not yes_or_no or (made.picture and said.keys() & {"conspicuous", "row"}):
        raise mistaken(path, at, given, "conspicuous and row are true or false, and said of wording alone")
    if made.pages not in PAGES or made.points <= 0 or len(each or {}) > 1:
        raise mistaken(path, at, given, f"pages is one of {sorted(PAGES)}, points above 0, each has one name")
    if made.picture not in PICTURES if made.picture else not (made.texts and all(made.texts)):
        raise mistaken(path, at, given, f"a text is not empty, a picture is one of {sorted(PICTURES)}")
    return made


def _spoken_about(kind: DocumentType, packs: Mapping[str, Pack]) -> None:
    pack = packs.get(kind.jurisdiction)
    if pack is None:
        raise ConfigurationError(f"{kind.folder}: there is no pack for the jurisdiction {kind.jurisdiction!r}")
    for tier in kind.tiers:
        _says_what_it_may(kind, tier, pack)
    if not any(kind.name in line.applies_to for line in pack.rules):
        raise ConfigurationError(f"{kind.folder}: no rule of the pack {pack.jurisdiction!r} speaks about it")
    lines = [line for line in pack.disclosures if kind.name in line.applies_to]
    for part in ("", *(part.name for part in kind.parts if part.kind == TEXT)):
        if not any(requirement.part == part for line in lines for requirement in line.require):
            of = f"its part {part}" if part else "it"
            raise ConfigurationError(f"{kind.folder}: no disclosure of pack {pack.jurisdiction!r} speaks about {of}")


def _says_what_it_may(kind: DocumentType, tier: Tier, pack: Pack) -> None:
    """A stage's own title and lines hold nothing that the stage forbids."""
    at = f"{kind.folder}: tier {tier.id}"
    if strangers := set(tier.forbids) - pack.lexicon.categories:
        raise ConfigurationError(f"{at}: forbids unknown categories {sorted(strangers)}")
    lines = [line for line in pack.lexicon.lines if line.category in tier.forbids]
    for text in (tier.title, *tier.wording):
        for day in {line.since for line in lines}:
            if hits := pack.lexicon.find(text, kind.name, day, tier.forbids):
                raise ConfigurationError(f"{at}: says {hits[0].words}, which it forbids")
