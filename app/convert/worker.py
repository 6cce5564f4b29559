"""One LibreOffice and the script that speaks to it: the only program of ours that imports `uno` (转换进程).

Run by office.py under the interpreter that LibreOffice's bindings belong to, with one folder of its own:

    python3 -I worker.py FOLDER BYTES [PREFIX ...] SOFFICE

It starts its own soffice on a fresh profile, none of its processes larger than BYTES, says
{"ready": "LibreOffice 7.4.7.2"}, then answers each line {"parts": [[docx, pdf], ...]} with {"done": n} or
{"failed": why}. It ends, and takes soffice with it, as soon as its standard input closes (the service died) or
soffice ends. Answers hold no text of the documents.

Nothing here may need more than Python 3.9 and what python3-uno installs.
"""

import importlib
import json
import os
import queue
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

uno: Any = importlib.import_module("uno")  # of this interpreter alone; type checkers and the service do not have it

RESTART_WANTED = 81  # soffice's exit code after it has laid out a new profile

ARGUMENTS = [
    "--headless",
    "--invisible",
    "--norestore",  # no question about documents that a killed process left behind
    "--nodefault",  # no empty document
    "--nofirststartwizard",
    "--nolockcheck",
    "--nologo",
]

LOAD = {
    "FilterName": "MS Word 2007 XML",  # what we made; never guessed from the content
    "Hidden": True,
    "ReadOnly": True,  # leaves no lock file beside the source
    "MacroExecutionMode": 0,  # NEVER_EXECUTE
    "UpdateDocMode": 0,  # NO_UPDATE: links are not followed
}

EXPORT = {
    "SelectPdfVersion": 2,  # PDF/A-2b
    "UseTaggedPDF": True,  # readable aloud; the text keeps its order
    "EmbedStandardFonts": True,
    "UseLosslessCompression": True,  # a seal picture and a QR code must not blur
    "ReduceImageResolution": False,
    "ExportFormFields": False,  # Word's content controls would become fields that anyone can fill
    "ExportBookmarks": False,
    "ExportBookmarksToPDFDestination": False,
    "ExportNotes": False,
    "ExportNotesInMargin": False,
    "ExportPlaceholders": False,
    "IsAddStream": False,  # does not carry the source along as an attachment
    "IsSkipEmptyPages": False,
    "ConvertOOoTargetToPDFTarget": False,
    "ExportLinksRelativeFsys": False,
}


# What a process that went astray may take from the machine. Memory is bounded by BYTES.
LIMITS = {
    resource.RLIMIT_CORE: 0,  # a core file would hold letters
    resource.RLIMIT_FSIZE: 512 << 20,  # bytes of one file
    resource.RLIMIT_CPU: 2 * 3600,  # seconds; more than it has in its whole life
}


def main(folder: str, address_space: str, *soffice: str) -> None:
    if os.getpgrp() != os.getpid():
        sys.exit("worker.py leads a process group of its own, which it kills when it ends: office.py starts it")
    try:
        limit({**LIMITS, resource.RLIMIT_AS: int(address_space)})
        process, context = start(list(soffice), folder)
    except (OSError, RuntimeError) as error:
        say({"failed": str(error)})
        end()
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=read_jobs, args=[jobs], daemon=True).start()
    threading.Thread(target=end_with, args=[process], daemon=True).start()
    say({"ready": version(context)})
    while True:
        opened: list[Any] = []
        say(convert_all(desktop, jobs.get()["parts"], opened))
        put_away(opened)


def limit(limits: dict[int, int]) -> None:
    """For ourselves and all that we start; a limit that is stricter already stays."""
    for kind, most in limits.items():
        hard = resource.getrlimit(kind)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))


def start(soffice: list[str], folder: str) -> tuple[Any, Any]:
    """A soffice of our own and its component context. No time limit here: the pool has one, and kills us all."""
    pipe = f"pipe,name={Path(folder).name};urp"  # a socket of ours alone, not a TCP port that others could reach
    command = [*soffice, f"-env:UserInstallation={Path(folder, 'profile').as_uri()}", f"--accept={pipe};", *ARGUMENTS]
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    not_yet = uno.getClass("com.sun.star.connection.NoConnectException")
    process = run(command)
    while True:
        try:
            return process, resolver.resolve(f"uno:{pipe};StarOffice.ComponentContext")
        except not_yet:
            time.sleep(0.02)
        if (code := process.poll()) is None:
            continue
        if code != RESTART_WANTED:
            raise RuntimeError(f"soffice ended with {code} before it was ready")
        process = run(command)


def run(command: list[str]) -> Any:
    nothing = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing)  # noqa: S603 -- the configured path


def convert_all(desktop: Any, parts: list[list[str]], opened: list[Any]) -> dict[str, Any]:
    try:
        for source, target in parts:
            convert(desktop, source, target, opened)
    except Exception as error:  # whatever LibreOffice raised: its kind and code, never its text
        return {"failed": f"{type(error).__name__} {getattr(error, 'ErrCode', '')}".strip()}
    return {"done": len(parts)}


def convert(desktop: Any, source: str, target: str, opened: list[Any]) -> None:
    """The PDF is whole when this returns; the document is left among the `opened`."""
    document = desktop.loadComponentFromURL(Path(source).as_uri(), "_blank", 0, properties(LOAD))
    opened.append(document)
    keep_punctuation(document)
    document.getTextFields().refresh()  # page numbers that refer to a bookmark, which the loader leaves as typed
    data = uno.Any("[]com.sun.star.beans.PropertyValue", properties(EXPORT))
    document.storeToURL(Path(target).as_uri(), properties({"FilterName": "writer_pdf_Export", "FilterData": data}))


def put_away(opened: list[Any]) -> None:
    """Close the documents, after the answer: 6 ms for a letter, 23 for sixty instalments, and nobody need wait for it.

    One that does not close would stay in memory: then all of it ends, and another LibreOffice takes over.
    """
    try:
        for document in opened:
            document.close(True)
    except Exception:
        end()


def keep_punctuation(document: Any) -> None:
    """Without hanging punctuation: LibreOffice 7.4 drops a comma that hangs over the end of a justified line.

    The default is enough: a template in which any style or paragraph has a setting of its own is refused (app/render).
    """
    document.createInstance("com.sun.star.text.Defaults").ParaIsHangingPunctuation = False


def properties(values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(prop(name, value) for name, value in values.items())


def prop(name: str, value: Any) -> Any:
    made = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
    made.Name, made.Value = name, value
    return made


def version(context: Any) -> str:
    """Name and version as the program itself says."""
    provider = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.configuration.ConfigurationProvider", context
    )
    product = provider.createInstanceWithArguments(
        "com.sun.star.configuration.ConfigurationAccess", (prop("nodepath", "/org.openoffice.Setup/Product"),)
    )
    return f"{product.getByName('ooName')} {product.getByName('ooSetupVersionAboutBox')}"


def read_jobs(jobs: "queue.SimpleQueue[Any]") -> None:
    """In a thread of its own, so that the death of the service is noticed in the middle of a conversion too."""
    for line in sys.stdin:
        jobs.put(json.loads(line))
    end()


def end_with(process: Any) -> None:
    process.wait()
    end()


def end() -> None:
    """Ourselves, soffice's launcher and soffice itself are one process group."""
    os.killpg(0, signal.SIGKILL)


def say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
