"""Fields of a request: what one value may be (校验).

Every message is short Chinese that an operator can act on; none repeats the value, which may be a person's.
"""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

from marshmallow import Schema, fields


def about(description: str, example: Any, optional: bool = False, **limits: Any) -> dict[str, Any]:
    """What every field says of itself, for loading and for OpenAPI. An absent optional field loads as None."""
    presence: dict[str, Any] = {"load_default": None} if optional else {"required": True}
    return {**presence, "metadata": {"description": description, "examples": [example], **limits}}


def says(**messages: str) -> dict[str, Any]:
    """Messages of a field, by what is wrong."""
    return messages


class Said:
    """The messages of all fields."""

    default_error_messages = says(
        required="缺少此项", null="不得为 null", string="应为字符串", invalid="格式不正确", type="应为对象"
    )


class Value(Said):
    """A field that reads one value and needs to know nothing else."""

    def read(self, value: Any) -> Any:
        raise NotImplementedError

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return self.read(value)


class Pattern(Value, fields.String):
    """A string of a narrow ASCII form. `proof` tells in the description what no pattern can say."""

    pattern = ""
    proof = ""

    def __init__(self, description: str, example: str, *, optional: bool = False) -> None:
        told = f"{description}；{self.proof}" if self.proof else description
        super().__init__(**about(told, example, optional, pattern=f"^(?:{self.pattern})$"))

    def read(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("string")
        if not re.fullmatch(self.pattern, value):
            raise self.make_error("invalid")
        return value


class Identifier(Pattern):
    pattern = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
    default_error_messages = says(invalid="只能由字母、数字和 . _ - 组成，最长 64 位")


class Reference(Identifier):
    """The id of a party of the same request; the request proves that there is one."""


class Digest(Pattern):
    """SHA-256 in lower-case hexadecimal."""

    pattern = r"[0-9a-f]{64}"
    default_error_messages = says(invalid="应为 64 位小写十六进制的 SHA-256")


class Postcode(Pattern):
    pattern = r"[0-9]{6}"
    default_error_messages = says(invalid="应为六位邮政编码")


class Email(Pattern):
    pattern = r"[A-Za-z0-9._+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,63}"
    default_error_messages = says(invalid="不是有效的电子邮箱")


class Address(Pattern):
    """A web address that a person can type from paper: https, without query or fragment."""

    pattern = r"https://(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,63}(?:/[A-Za-z0-9._~-]{1,64}){0,6}/?"
    default_error_messages = says(invalid="应为 https 网址，不带参数")


class Choice(Value, fields.String):
    """One of a few words."""

    default_error_messages = says(invalid="不在可选值之内")

    def __init__(self, choices: Collection[str], description: str, example: str, *, optional: bool = False) -> None:
        self.choices = tuple(choices)
        listed = [*self.choices, None] if optional else [*self.choices]
        super().__init__(**about(description, example, optional, enum=listed))

    def read(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("string")
        if value not in self.choices:
            raise self.make_error("invalid")
        return value


class Choices(Said, fields.List[Any]):
    """One or more of a few words, each once."""

    default_error_messages = says(invalid="应为列表", count="应有 1 至 {most} 项", twice="重复")

    def __init__(self, choices: Collection[str], description: str, example: list[str]) -> None:
        self.most = len(choices)
        said = about(description, example, minItems=1, maxItems=self.most, uniqueItems=True)
        super().__init__(Choice(choices, description, example[0]), **said)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if not 1 <= len(value) <= self.most:
            raise self.make_error("count", most=self.most)
        loaded: list[Any] = super()._deserialize(value, *args, **kwargs)
        if len(set(loaded)) != len(loaded):
            raise self.make_error("twice")
        return loaded


class Day(Value, fields.Date):
    """A legal day (Beijing), YYYY-MM-DD and nothing else that ISO 8601 allows."""

    pattern = "(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}"

    default_error_messages = says(string="日期应为字符串", invalid="不是有效的日期，格式为 YYYY-MM-DD")

    def __init__(self, description: str, example: str, *, optional: bool = False) -> None:
        super().__init__(**about(description, example, optional, pattern=f"^{self.pattern}$"))

    def read(self, value: Any) -> date:
        if not isinstance(value, str):
            raise self.make_error("string")
        if not re.fullmatch(self.pattern, value):
            raise self.make_error("invalid")
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise self.make_error("invalid") from error


class Instant(Value, fields.AwareDateTime):
    """A moment with its offset from UTC, as RFC 3339 writes it; loads in UTC."""

    pattern = r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
    default_error_messages = says(string="时间应为字符串", invalid="不是有效的时间，格式为 2026-11-23T10:00:00+08:00")

    def __init__(self, description: str, example: str, *, optional: bool = False) -> None:
        super().__init__(**about(description, example, optional, pattern=f"^(?:{self.pattern})$"))

    def read(self, value: Any) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("string")
        if not re.fullmatch(self.pattern, value):
            raise self.make_error("invalid")
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except ValueError as error:
            raise self.make_error("invalid") from error


class Whole(Value, fields.Integer):
    """A whole number; 1.0, "1" and true are none."""

    default_error_messages = says(invalid="应为整数", range="应在 {least} 和 {most} 之间")

    def __init__(self, least: int, most: int, description: str, example: int, **limits: Any) -> None:
        self.least, self.most = least, most
        super().__init__(**about(description, example, minimum=least, maximum=most, **limits))

    def read(self, value: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid")
        if not self.least <= value <= self.most:
            raise self.make_error("range", least=self.least, most=self.most)
        return value


class Flag(Value, fields.Boolean):
    """true or false; "yes" and 1 are neither."""

    default_error_messages = says(invalid="应为 true 或 false")

    def __init__(self, description: str, *, example: bool, optional: bool = False) -> None:
        super().__init__(**about(description, example, optional))

    def read(self, value: Any) -> bool:
        if type(value) is not bool:
            raise self.make_error("invalid")
        return value


class One(Said, fields.Nested):
    """A fact inside a fact."""

    def __init__(self, fact: type[Schema], description: str, *, optional: bool = False) -> None:
        presence: dict[str, Any] = {"load_default": None} if optional else {"required": True}
        super().__init__(fact, **presence, metadata={"description": description})


class Many(Said, fields.List[Any]):
    """A list of facts, at least one; no two of them may have the same `unique` (the fact around it sees to that)."""

    default_error_messages = says(invalid="应为列表", count="应有 1 至 {most} 项")

    def __init__(self, fact: type[Schema], most: int, description: str, *, unique: str, optional: bool = False) -> None:
        self.most, self.unique, self.element = most, unique, One(fact, description)
        presence: dict[str, Any] = {"load_default": None} if optional else {"required": True}
        metadata = {"description": description, "minItems": 1, "maxItems": most}
        super().__init__(self.element, **presence, metadata=metadata)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if not 1 <= len(value) <= self.most:
            raise self.make_error("count", most=self.most)
        return super()._deserialize(value, *args, **kwargs)
