"""The product's own templates and a house in a folder of its own, for tests."""

from functools import cache
from pathlib import Path

from app.catalogue.load import Catalogue
from app.config import ROOT, Settings
from app.templates import load_catalogue


def settings_here(home: Path = ROOT / "build" / "nowhere", **changes: str) -> Settings:
    """Settings whose state lies under `home` and nowhere else."""
    return Settings.read({"DULY_HOME": str(home)} | {f"DULY_{key.upper()}": value for key, value in changes.items()})


@cache
def catalogue_here() -> Catalogue:
    return load_catalogue(settings_here())
