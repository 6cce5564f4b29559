"""Bare warm conversions (裸转换): nothing but LibreOffice, a docx and writer_pdf_Export, over UNO on a pipe.

Run by the Python that can import uno: `python3 bare.py SOFFICE FOLDER DOCX`. For each line on stdin the docx is
converted once; the seconds it took are the answer.
"""

import importlib
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

uno: Any = importlib.import_module("uno")  # of the Python that runs this; type checkers do not have it


def main(soffice: str, folder: str, docx: str) -> None:
    pipe = f"pipe,name=bench{Path(folder).name};urp"
    profile = f"-env:UserInstallation={Path(folder, 'profile').as_uri()}"
    command = [soffice, profile, f"--accept={pipe};", "--headless", "--norestore", "--nologo"]
    office = start(command)
    desktop = connected(pipe, office, command)
    try:
        for _ in sys.stdin:
            began = time.perf_counter()
            convert(desktop, docx, str(Path(folder, "bare.pdf")))
            print(time.perf_counter() - began, flush=True)
    finally:
        desktop.terminate()


def start(command: list[str]) -> Any:
    nothing = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing)  # noqa: S603 -- the configured one


def connected(pipe: str, office: Any, command: list[str]) -> Any:
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    while True:
        try:
            context = resolver.resolve(f"uno:{pipe};StarOffice.ComponentContext")
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except uno.getClass("com.sun.star.connection.NoConnectException"):
            time.sleep(0.05)
            if office.poll() == 81:  # a new profile: it wants to be started again
                office = start(command)


def convert(desktop: Any, docx: str, pdf: str) -> None:
    document = desktop.loadComponentFromURL(Path(docx).as_uri(), "_blank", 0, (prop("Hidden", True),))
    document.storeToURL(Path(pdf).as_uri(), (prop("FilterName", "writer_pdf_Export"),))
    document.close(True)


def prop(name: str, value: Any) -> Any:
    made = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
    made.Name, made.Value = name, value
    return made


if __name__ == "__main__":
    main(*sys.argv[1:])
