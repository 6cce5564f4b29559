"""The service, for gunicorn (`wsgi:app`), and its commands, for Flask (`flask --app wsgi ...`).

Under the commands nothing is opened and no route exists; anywhere else the house opens whole or the start fails.
"""

import os
import sys

from app.application import create_app
from app.cli import commands
from app.config import from_environment
from app.errors import ConfigurationError
from app.house import open_house

BOOT_ERROR = 3  # to gunicorn: do not start this worker again and again

try:
    settings = from_environment()
    as_commands = os.environ.get("FLASK_RUN_FROM_CLI") == "true"
    app = commands(settings) if as_commands else create_app(open_house(settings))
except ConfigurationError as error:
    print(f"duly does not start: {error}", file=sys.stderr)
    sys.exit(BOOT_ERROR)
