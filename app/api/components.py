"""Parts of the OpenAPI document that no schema of ours gives: headers, links, and the operations outside /v1."""

from collections.abc import Mapping
from typing import Any

HEADERS: Mapping[str, Mapping[str, Any]] = {
    "RequestId": {
        "description": "The id under which our logs know the request: the caller's own `X-Request-Id` when it is a "
        "UUID or 32 hexadecimal digits, in lower case, else a fresh one.",
        "required": True,
        "schema": {"type": "string", "pattern": "^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$"},
    },
    "RetryAfter": {
        "description": "Seconds after which it may be worth sending the request again, with the same Idempotency-Key",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "WWWAuthenticate": {
        "description": "How to authenticate",
        "required": True,
        "schema": {"type": "string", "enum": ["Bearer"]},
    },
    "Allow": {"description": "The methods of this address", "required": True, "schema": {"type": "string"}},
    "Location": {
        "description": "Address of the document",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "ContentDisposition": {
        "description": "A file name that tells nothing of a person",
        "required": True,
        "schema": {"type": "string", "pattern": "^attachment; filename="},
    },
    "ReprDigest": {
        "description": "RFC 9530: the SHA-256 of the file, as it stands in the log",
        "required": True,
        "schema": {"type": "string", "pattern": "^sha-256=:[A-Za-z0-9+/]{43}=:$"},
    },
    "ETag": {
        "description": "The file's SHA-256",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9a-f]{64}"$'},
    },
}


def _of_document(document_id: str, file_name: str) -> dict[str, Any]:
    """Where the id of a document leads."""
    there = {"document_id": document_id}
    return {
        "file": {"operationId": "download_file", "parameters": there | {"name": file_name}},
        "receipt": {"operationId": "read_receipt", "parameters": there},
        "disclosures": {"operationId": "read_disclosures", "parameters": there},
    }


_READ = {"operationId": "read_document"}
_FIRST_FILE = "$response.body#/files/0/name"
# What an issuing operation's answer leads to.
ISSUED: Mapping[str, Any] = {
    "document": _READ | {"parameters": {"document_id": "$response.body#/id"}},
    **_of_document("$response.body#/id", _FIRST_FILE),
}
# What the successful answer of another operation leads to, by its id.
LINKS: Mapping[str, Mapping[str, Any]] = {
    "read_document": _of_document("$request.path.document_id", _FIRST_FILE),
    "list_documents": {
        "newest": _READ | {"parameters": {"document_id": "$response.body#/documents/0/id"}},
        "next_page": {"operationId": "list_documents", "parameters": {"before": "$response.body#/next"}},
    },
    "read_entries": {
        "next_page": {"operationId": "read_entries", "parameters": {"start": "$response.body#/next"}},
    },
}


def _service(
    name: str, summary: str, media_type: str = "application/json", **answers: tuple[str, Mapping[str, Any]]
) -> dict[str, Any]:
    responses = {
        status.lstrip("_"): {"description": said, "content": {media_type: {"schema": dict(schema)}}}
        for status, (said, schema) in answers.items()
    }
    return {"get": {"operationId": name, "summary": summary, "tags": ["service"], "responses": responses}}


_READY = {"$ref": "#/components/schemas/Ready"}
# The operations that are none of a blueprint's. None of their answers is about a document.
SERVICE: Mapping[str, Any] = {
    "/livez": _service("livez", "The process answers.", _200=("It does.", {"$ref": "#/components/schemas/Live"})),
    "/readyz": _service(
        "readyz",
        "Whether a document could be issued now.",
        _200=("Every part could do its work.", _READY),
        _503=("A part could not; `parts` says which.", _READY),
    ),
    "/metrics": _service(
        "metrics",
        "Numbers for Prometheus.",
        "text/plain",
        _200=("In Prometheus' text format.", {"type": "string"}),
    ),
    "/openapi.json": _service(
        "openapi",
        "This description.",
        _200=("An OpenAPI 3.1 document.", {"type": "object", "required": ["openapi", "info", "paths", "components"]}),
    ),
}
