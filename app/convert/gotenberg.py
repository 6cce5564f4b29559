"""Asking a Gotenberg server to convert (转换服务): LibreOffice on another machine, behind the same promises.

One POST for each part to /forms/libreoffice/convert, PDF/A-2b requested, with the export options that the local
worker uses, as far as the server knows them. The deadline holds for the whole document, to the last byte; the answer
has a bounded size; a redirect is refused, because it would carry a letter to a place nobody configured. What comes
back is looked at like a PDF of our own pool.

Not the same as the pool: the server has its own LibreOffice, its own fonts and no quarantine of ours, and it does not
switch hanging punctuation off. Required wording is still proven on the page.
"""

import re
import secrets
import time
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

from app.artifacts import Converted, Rendered
from app.convert.checked import Jobs, checked
from app.convert.exchange import Answer, ExchangeFailed, Server
from app.convert.interface import Observer, Unfailing
from app.errors import ConfigurationError, StepFailed

CONVERT, HEALTH, VERSION = "/forms/libreoffice/convert", "/health", "/version"
LARGEST = 64 << 20  # bytes of one PDF
_LARGEST_WORD = 65536  # bytes of an answer that is no PDF
_HEALTH_SECONDS = 3.0
_LONGEST_PAUSE = 300  # seconds; whatever the server wishes
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_PDF = "application/pdf"
_BUSY = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}  # like those from 500: the server's, not ours

OPTIONS = {
    "pdfa": "PDF/A-2b",
    "exportFormFields": "false",  # Word's content controls would become fields that anyone can fill
    "exportBookmarks": "false",
    "exportNotes": "false",
    "exportPlaceholders": "false",
    "addOriginalDocumentAsStream": "false",  # does not carry the source along as an attachment
    "losslessImageCompression": "true",  # a chop and a QR code must not blur
    "reduceImageResolution": "false",
}


class Gotenberg:
    """A `Converter`. Keeps no connection: every document asks anew, so that a restarted server is simply there."""

    def __init__(self, url: str, deadline: float, observer: Observer | None = None) -> None:
        """`ConfigurationError` unless the address is http(s)://host[:port][/path] and nothing more."""
        try:
            self._server = Server.read(url)
        except ValueError as error:
            raise ConfigurationError(f"DULY_GOTENBERG_URL: {error}") from error
        self._deadline, self._watch = deadline, Unfailing(observer)
        self._version = ""

    @property
    def version(self) -> str:
        return self._version

    def ready(self) -> bool:
        with suppress(StepFailed):
            self._ask("GET", HEALTH, time.monotonic() + _HEALTH_SECONDS)
            return True
        return False

    def close(self) -> None:
        """Nothing is held open."""

    def convert(self, rendered: Rendered, folder: Path) -> Converted:
        """All parts of one document, one after the other, into `folder`."""
        return checked(rendered, folder, self._convert)

    def _convert(self, jobs: Jobs) -> str:
        began = time.monotonic()
        until = began + self._deadline
        self._version = self._said_version(until)
        for source, target in jobs:
            answer = self._ask("POST", CONVERT, until, *_form(source))
            if answer.kind != _PDF:
                raise StepFailed("convert", "the server's answer is no PDF")
            target.write_bytes(answer.body)
        self._watch.converted(time.monotonic() - began)
        return self._version

    def _said_version(self, until: float) -> str:
        """What the log will name as the converter. A stranger's word, so it has to look like a version."""
        said = self._ask("GET", VERSION, until).body.decode("ascii", "replace").strip()
        if not re.fullmatch(r"[\w.+-]{1,40}", said, re.ASCII):
            raise StepFailed("convert", "the server does not say its version")
        return f"Gotenberg {said}"

    def _ask(self, method: str, path: str, until: float, body: bytes = b"", kind: str = "") -> Answer:
        try:
            answer = self._server.ask(method, path, until, LARGEST if body else _LARGEST_WORD, body, kind)
        except ExchangeFailed as failure:
            raise StepFailed("convert", f"the server gave {failure}") from failure
        if answer.status != HTTPStatus.OK:
            raise _no(answer)
        return answer


def _no(answer: Answer) -> StepFailed:
    """Its text is not repeated: it may quote the document."""
    why = f"the server answered {answer.status}"
    if answer.status in _BUSY or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return StepFailed("convert", why, retry_after=min(answer.retry_after, _LONGEST_PAUSE) or 5)
    return StepFailed("convert", why, status=500)  # it refuses our document, or sends us elsewhere


def _form(docx: Path) -> tuple[bytes, str]:
    """The multipart body and its media type. The file's name is the part's, which is free of personal data."""
    content = docx.read_bytes()
    boundary = secrets.token_hex(16)
    lines = [_field(f'name="{name}"', value.encode()) for name, value in OPTIONS.items()]
    lines.append(_field(f'name="files"; filename="{docx.name}"\r\nContent-Type: {_DOCX}', content))
    start = f"--{boundary}\r\n".encode()
    return b"".join(
        start + line for line in lines
    ) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def _field(about: str, value: bytes) -> bytes:
    return f"Content-Disposition: form-data; {about}\r\n\r\n".encode() + value + b"\r\n"
