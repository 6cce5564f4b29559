"""`flask --app wsgi stamp ...`: use of the stamp (用印), authorised, listed, revoked, and the register of every use."""

import csv
import io
import re
import unicodedata
from datetime import date, datetime

import click

from app import pipeline
from app.catalogue.load import Catalogue
from app.config import Settings
from app.first_start import desk
from app.registry import Terms
from app.registry.stamps import APPROVERS, Use
from app.store.api_keys import OPERATOR
from app.store.models import StampAuthorisationRow
from app.templates import load_catalogue
from app.told import Told
from app.wording import beijing_day

DAY = click.DateTime(["%Y-%m-%d"])
MOST = 100_000_000
HEADER = ("用印授权", "第几次用印", "文书", "文书编号", "文书种类", "文书日期")
FORMULA = tuple("=+-@")  # what a spreadsheet takes for the beginning of a formula, wide forms too
_EMPLOYEE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def stamp_commands(settings: Settings) -> click.Group:
    """The commands about authorisations of a stamp."""
    stamp = click.Group("stamp", help="Use of the stamp: who agreed to it, and every use.")

    @stamp.command("authorise", cls=Told)
    @click.option("--issuer", required=True)
    @click.option("--type", "types", multiple=True, required=True, help="Document type; may be given more than once.")
    @click.option("--template", help="SHA-256 of the one type's template, when it is to be good for no other.")
    @click.option("--since", type=DAY, required=True, help="First legal day.")
    @click.option("--until", type=DAY, required=True, help="Last legal day.")
    @click.option("--maximum", type=click.IntRange(1, MOST), required=True, help="How many uses.")
    @click.option("--approver", "approvers", multiple=True, required=True, help="Employee number; two at the least.")
    def authorise(
        issuer: str,
        types: tuple[str, ...],
        template: str | None,
        since: datetime,
        until: datetime,
        maximum: int,
        approvers: tuple[str, ...],
    ) -> None:
        """Write down that the stamp may be used, and print the authorisation's id."""
        catalogue = load_catalogue(settings)
        _require_known(catalogue, issuer, types, template)
        _require_approvers(approvers)
        if since > until or until.date() < beijing_day(pipeline.utc_now()):
            raise click.BadParameter("the last day is before the first, or has passed", param_hint="--until")
        stamp_sha256 = catalogue.issuers[issuer].stamp_sha256
        days = (since.date(), until.date())
        terms = Terms(issuer, stamp_sha256, types, template, *days, maximum, approvers)
        with desk(settings) as office:
            click.echo(office.stamps.authorise(terms, OPERATOR, pipeline.utc_now()))

    @stamp.command("list", cls=Told)
    def listed() -> None:
        """All authorisations, with how many of their uses are made."""
        today = beijing_day(pipeline.utc_now())
        with desk(settings) as office:
            for row in office.stamps.listed():
                click.echo(_line(row, today))

    @stamp.command("revoke", cls=Told)
    @click.argument("authorisation_id")
    def revoke(authorisation_id: str) -> None:
        """Make an authorisation good for nothing from now on."""
        with desk(settings) as office:
            if not office.stamps.revoke(authorisation_id, OPERATOR, pipeline.utc_now()):
                raise click.ClickException("there is no such authorisation in force")

    @stamp.command("register", cls=Told)
    @click.option("--issuer", help="Of this issuer only.")
    def register(issuer: str | None) -> None:
        """Print the register of every use (用印登记簿) as CSV."""
        with desk(settings) as office:
            click.echo(as_csv(office.stamps.uses(issuer)), nl=False)

    return stamp


def as_csv(uses: list[Use]) -> str:
    """With a byte order mark, by which spreadsheets know UTF-8; no cell of it is a formula to them."""
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow(HEADER)
    for use in uses:
        cells = (use.authorisation, use.use, use.document, use.number, use.type, use.on.isoformat())
        writer.writerow([_inert(str(cell)) for cell in cells])
    return "\ufeff" + made.getvalue()


def _inert(cell: str) -> str:
    """A leading apostrophe, as spreadsheets read it: text follows. An issuer chooses how its numbers begin."""
    return f"'{cell}" if unicodedata.normalize("NFKC", cell).lstrip()[:1] in FORMULA else cell


def _line(row: StampAuthorisationRow, today: date) -> str:
    state = "in force"
    if row.revoked_at:
        state = f"revoked {row.revoked_at:%Y-%m-%d}"
    elif today < row.since:
        state = "not yet"
    elif today > row.until:
        state = "ended"
    elif row.used >= row.maximum:
        state = "used up"
    template = f"  template {row.template_sha256}" if row.template_sha256 else ""
    days = f"{row.since} to {row.until}"
    return f"{row.id}  {row.issuer}  {days}  {row.used}/{row.maximum}  {state:18}  {', '.join(row.types)}{template}"


def _require_known(catalogue: Catalogue, issuer: str, types: tuple[str, ...], template: str | None) -> None:
    if issuer not in catalogue.issuers:
        raise click.BadParameter(f"not in the register: {issuer}", param_hint="--issuer")
    if unknown := set(types) - catalogue.types.keys():
        raise click.BadParameter(f"no such type: {', '.join(sorted(unknown))}", param_hint="--type")
    if template is None:
        return
    templates = {name: catalogue.types[name].sha256 for name in set(types)}
    if len(templates) != 1 or template not in templates.values():
        known = ", ".join(f"{name} {digest}" for name, digest in sorted(templates.items()))
        raise click.BadParameter(f"a template belongs to one type; they are {known}", param_hint="--template")


def _require_approvers(approvers: tuple[str, ...]) -> None:
    """Refused without repeating them: an employee number leads to a person."""
    if not all(_EMPLOYEE.fullmatch(number) for number in approvers):
        raise click.BadParameter("not an employee number", param_hint="--approver")
    if len({number.casefold() for number in approvers}) < APPROVERS:
        raise click.BadParameter("two different employees at the least", param_hint="--approver")
