"""The service, for gunicorn (`wsgi:app`), and its commands, for Flask (`flask --app wsgi ...`).

Under the commands nothing is opened and no route exists; anywhere else the house opens whole or the start fails.
"""

import atexit
import os
import sys

from app import logs, metrics
from app.application import create_app
from app.cli import commands
from app.config import from_environment
from app.errors import ConfigurationError
from app.house import open_house
from app.upkeep import Upkeep

BOOT_ERROR = 3  # to gunicorn: do not start this worker again and again

try:
    settings = from_environment()
    as_commands = os.environ.get("FLASK_RUN_FROM_CLI") == "true"
    if as_commands:
        app = commands(settings)
    else:
        logs.configure()
        metrics.share(settings.work / metrics.FOLDER)
        house = open_house(settings)
        upkeep = Upkeep(house.documents, settings.home / "upkeep.lock", house.steps.now).start()
        atexit.register(house.close)  # a worker that is told to stop finishes its requests and then comes here,
        atexit.register(upkeep.stop)  # last registered, first called
        app = create_app(house)
except ConfigurationError as error:
    print(f"duly does not start: {error}", file=sys.stderr)
    sys.exit(BOOT_ERROR)
