"""The worker, with what some document will do one day: 毒 ends LibreOffice, 停 hangs it, 留 stays open."""

import importlib.util
import os
import signal
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

_spec = importlib.util.spec_from_file_location("worker", Path(__file__).parents[3] / "app" / "convert" / "worker.py")
assert _spec is not None
assert _spec.loader is not None
worker = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(worker)
_whole = worker.convert


def convert(desktop: Any, source: str, target: str, opened: list[Any]) -> None:
    with zipfile.ZipFile(source) as archive:
        text = archive.read("word/document.xml").decode()
    if "毒" in text:
        os.killpg(0, signal.SIGKILL)
    if "停" in text:
        time.sleep(1000)
    _whole(desktop, source, target, opened)
    if "留" in text:
        opened.insert(0, None)  # nothing that could be closed


worker.convert = convert  # type: ignore[attr-defined]  # a module made at run time has no names to mypy
if __name__ == "__main__":
    worker.main(*sys.argv[1:])
