"""`make serve`: set up on the first run, then gunicorn on 127.0.0.1:8080. Prints a first key for each role, once."""

import fcntl
import os
import sys
from collections.abc import Mapping

from app import first_start, metrics, pipeline, rates
from app.config import Settings, from_environment, workers
from app.errors import ConfigurationError, StepFailed
from app.store.api_keys import ROLES
from app.templates import load_catalogue

BIND = "127.0.0.1:8080"


def first_keys(settings: Settings) -> Mapping[str, str]:
    """A key for each role of a demonstration organisation bound to every registered issuer: role -> secret."""
    issuers = sorted(load_catalogue(settings).issuers)
    with first_start.desk(settings) as desk:
        return {role: desk.keys.make("示范银行", "bank", role, issuers, pipeline.utc_now())[1] for role in ROLES}


def arguments(bind: str) -> list[str]:
    """gunicorn: a process per core, each with its own LibreOffice; threads answer reads while one converts."""
    return [
        *("-m", "gunicorn", "wsgi:app", "--bind", bind, "--workers", str(workers(os.environ)), "--threads", "4"),
        *("--logger-class", "app.worker.Log"),  # lines of JSON from the first one on
        *("--worker-class", "app.worker.Worker", "--no-sendfile"),  # slow clients hold no thread for long
        *("--timeout", "120"),  # above the deadline of a conversion, so that the worker outlives a hung LibreOffice
        *("--graceful-timeout", "90"),  # to stop: running requests end first, those that wait for LibreOffice too
        "--no-control-socket",  # nothing is written outside DULY_HOME
    ]


def _has_keys(settings: Settings) -> bool:
    with first_start.desk(settings) as desk:
        return bool(desk.keys.listed())


def _alone(settings: Settings) -> None:
    """Hold DULY_HOME for as long as this process and the gunicorn it turns into live; refuse when another does."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        handle = os.open(settings.home / "serving.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ConfigurationError(f"DULY_HOME: {settings.home} is being served already") from error
    except OSError as error:
        raise ConfigurationError(f"DULY_HOME: {settings.home}: {error.strerror}") from error
    os.set_inheritable(handle, True)  # kept across execv, and by the workers


def _forget(settings: Settings) -> None:
    """What an earlier start counted. Nobody else is serving this home."""
    metrics.clear(settings.work / metrics.FOLDER)
    (settings.work / rates.FILE).unlink(missing_ok=True)


def main() -> None:
    try:
        settings = from_environment()
        _alone(settings)
        _forget(settings)
        print("\n".join(first_start.initialise(settings)))
        if not _has_keys(settings):
            print("\nKeys of the demonstration organisation 示范银行 (shown once):")
            print("\n".join(f"  {role:10}  {secret}" for role, secret in first_keys(settings).items()))
    except ConfigurationError as error:
        sys.exit(f"duly does not start: {error}")
    except StepFailed as error:
        sys.exit(f"duly does not start: {error.step}: {error}")
    except OSError as error:
        sys.exit(f"duly does not start: {error.filename}: {error.strerror}")
    print(f"\nhttp://{BIND}/docs\n", flush=True)
    os.execv(sys.executable, [sys.executable, *arguments(BIND)])  # noqa: S606 -- our own interpreter, no shell


if __name__ == "__main__":
    main()
