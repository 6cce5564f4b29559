"""The commands: `flask --app wsgi ...`. Each opens what it needs; none opens the whole house.

The application they hang on has no routes: it cannot be served by mistake while something is missing.
"""

import json
import sys
from typing import Any, BinaryIO

import click
from flask import Flask
from flask.cli import AppGroup

from app import books, first_start, pipeline
from app import lint as templates_lint
from app.api.problems import field_errors
from app.catalogue import Pack, Rule
from app.config import Settings
from app.errors import InvalidRequest
from app.gate.cases import Scenario
from app.registry import baseline
from app.stamp_commands import stamp_commands
from app.store.api_keys import OPERATOR, ROLES
from app.templates import load_catalogue, read_cases
from app.told import Told


def commands(settings: Settings) -> Flask:
    """An application that has nothing but the commands."""
    app = Flask("app", static_folder=None)

    @app.cli.command("init", cls=Told)
    def init() -> None:
        """Make what a first start needs: keys, database, log. Never overwrites."""
        for made in first_start.initialise(settings):
            click.echo(made)

    @app.cli.command("migrate", cls=Told)
    def migrate() -> None:
        """Bring the database to this version's shape."""
        first_start.migrate(settings)

    @app.cli.command("rules", cls=Told)
    @click.option("--json", "as_json", is_flag=True, help="The table as data.")
    def rules(as_json: bool) -> None:
        """Print the rules, with their sources, dates and the cases behind them."""
        table = [row for pack in load_catalogue(settings).packs.values() for row in _rules(pack, settings)]
        click.echo(json.dumps(table, ensure_ascii=False, indent=2) if as_json else _as_table(table))

    app.cli.add_command(_keys(settings))
    app.cli.add_command(_registry(settings))
    app.cli.add_command(_templates(settings))
    app.cli.add_command(stamp_commands(settings))
    return app


def _keys(settings: Settings) -> AppGroup:
    keys = AppGroup("keys", help="Bearer keys of the organisations that call.")

    @keys.command("create", cls=Told)
    @click.option("--organisation", required=True)
    @click.option("--kind", type=click.Choice(["bank", "agency", "law_firm"]), default="bank")
    @click.option("--role", type=click.Choice(ROLES), required=True)
    @click.option("--issuer", "issuers", multiple=True, help="May be given more than once.")
    def create(organisation: str, kind: str, role: str, issuers: tuple[str, ...]) -> None:
        """Make a key and print it: it is shown this once and never kept."""
        known = load_catalogue(settings).issuers
        if unknown := set(issuers) - known.keys():
            raise click.BadParameter(f"not in the register: {', '.join(sorted(unknown))}", param_hint="--issuer")
        with first_start.desk(settings) as desk:
            key_id, secret = desk.keys.make(organisation, kind, role, issuers, pipeline.utc_now())
        click.echo(f"{key_id} {secret}")

    @keys.command("list", cls=Told)
    def listed() -> None:
        """All keys, without their secrets."""
        with first_start.desk(settings) as desk:
            for key_id, organisation, role, created, revoked in desk.keys.listed():
                state = f"revoked {revoked:%Y-%m-%d}" if revoked else "works"
                click.echo(f"{key_id}  {role:10}  {created:%Y-%m-%d}  {state:18}  {organisation}")

    @keys.command("revoke", cls=Told)
    @click.argument("key_id")
    def revoke(key_id: str) -> None:
        """Make a key useless from now on."""
        with first_start.desk(settings) as desk:
            if not desk.keys.revoke(key_id, pipeline.utc_now()):
                raise click.ClickException("there is no such working key")

    return keys


def _registry(settings: Settings) -> AppGroup:
    registry = AppGroup("registry", help="What is known of accounts.")

    @registry.command("import", cls=Told)
    @click.argument("file", type=click.File("rb"))
    def import_(file: BinaryIO) -> None:
        """Take over what was known before, from a file of JSON lines with control totals."""
        known = load_catalogue(settings).issuers
        try:
            book = books.baseline(file.read())
            if book.issuer not in known:
                raise click.ClickException(f"not in the register: {book.issuer}")
            with first_start.desk(settings) as desk:
                accounts, events = baseline.take(desk.registry, desk.journal, book, OPERATOR, pipeline.utc_now())
        except InvalidRequest as error:
            faults = [f"{fault['path']}: {fault['message']}" for fault in field_errors(error.messages)]
            raise click.ClickException("nothing was taken\n" + "\n".join(faults[:20])) from error
        click.echo(f"{accounts} accounts, {events} events")

    return registry


def _templates(settings: Settings) -> AppGroup:
    templates = AppGroup("templates", help="The Word templates.")

    @templates.command("lint", cls=Told)
    def lint() -> None:
        """Check every template: blanks, fonts, pictures, nothing active inside."""
        catalogue = load_catalogue(settings)
        problems = templates_lint.lint(catalogue)
        click.echo("\n".join(problems) or f"{len(catalogue.types)} document types, nothing to object to")
        sys.exit(1 if problems else 0)

    return templates


def _rules(pack: Pack, settings: Settings) -> list[dict[str, Any]]:
    cases = read_cases(settings, pack.jurisdiction)
    return [
        {
            "id": rule.id,
            "title": rule.title,
            "severity": rule.severity,
            "source": str(rule.source),
            "confidence": rule.source.confidence,
            "applies_to": list(rule.applies_to),
            "since": rule.since.isoformat(),
            "until": rule.until.isoformat() if rule.until else None,
            "proven_by": rule.proven_by,
            "passing": sum(case.passes for case in cases if _about(case, rule)),
            "refusing": sum(not case.passes for case in cases if _about(case, rule)),
            "pack": f"{pack.jurisdiction} {pack.version} {pack.review}",
        }
        for rule in pack.rules
    ]


def _about(case: Scenario, rule: Rule) -> bool:
    return case.rule == rule.id and case.document in rule.applies_to


def _as_table(table: list[dict[str, Any]]) -> str:
    lines = [
        f"{row['id']:5} {row['severity']:7} {row['since']}  {row['title']}\n      {row['source']}" for row in table
    ]
    return "\n".join([*lines, "", *sorted({str(row["pack"]) for row in table})])
