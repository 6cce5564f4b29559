"""The description as a measure: what an answer has that the OpenAPI document does not say of it."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse


class Description:
    """An OpenAPI document, and whether an answer is one that it describes."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self._addresses = {path: re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in spec["paths"]}
        self._measures: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def faults(self, answer: TestResponse) -> list[str]:
        """What is not as described; nothing for an address or a method that is not described at all."""
        operation = self.operation(answer.request.path, answer.request.method)
        if operation is None:
            return []
        described = operation["responses"].get(str(answer.status_code))
        if described is None:
            return [f"{answer.status_code} is not described"]
        return [*self._headers(described, answer.headers), *self._content(described, answer)]

    def operation(self, path: str, method: str) -> Any:
        """The operation under this address; an address in plain words goes before one with a parameter."""
        for template in sorted(self._addresses, key=lambda template: template.count("{")):
            if self._addresses[template].fullmatch(path):
                return self.spec["paths"][template].get(method.lower())
        return None

    def measure(self, schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
        """What tells whether a value is valid against a schema of the document."""
        name = json.dumps(schema, sort_keys=True)
        if name not in self._measures:
            whole = {**schema, "components": self.spec["components"]}
            self._measures[name] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return self._measures[name]

    def _headers(self, described: Mapping[str, Any], headers: Headers) -> Iterator[str]:
        for name, said in described["headers"].items():
            header = self.spec["components"]["headers"][said["$ref"].rpartition("/")[2]]
            if name not in headers:
                yield f"{name} is missing"
                continue
            value: Any = int(headers[name]) if header["schema"]["type"] == "integer" else headers[name]
            if not self.measure(header["schema"]).is_valid(value):
                yield f"{name} is not as described"

    def _content(self, described: Mapping[str, Any], answer: TestResponse) -> Iterator[str]:
        media_type = answer.mimetype or ""
        shape = described["content"].get(media_type)
        if shape is None:
            yield f"{media_type} is not described"
        elif media_type.endswith("json") and answer.request.method != "HEAD":
            for error in self.measure(shape["schema"]).iter_errors(json.loads(answer.data)):
                yield f"{'/'.join(map(str, error.instance_path))}: {error.message}"
