"""The service, for gunicorn (`wsgi:app`), and its commands, for Flask (`flask --app wsgi ...`).

Under the commands nothing is opened and no route exists; anywhere else the house opens whole or the start fails.
"""

import os

from app.application import create_app
from app.cli import commands
from app.config import from_environment
from app.house import open_house

settings = from_environment()
app = commands(settings) if os.environ.get("FLASK_RUN_FROM_CLI") == "true" else create_app(open_house(settings))
