"""How a command says that something is missing."""

from typing import Any

import click

from app.errors import ConfigurationError


class Told(click.Command):
    """A command that tells what is missing or does not fit in one line, and ends with 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            raise click.ClickException(str(error)) from error
