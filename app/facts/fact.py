"""What every fact (事实要素) has in common: unknown fields are refused, and rules that span fields live in the fact.

A rule runs as soon as the fields it speaks about are sound, whatever else is wrong, so that a caller learns of all
faults at once.
"""

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, cast

from marshmallow import Schema, ValidationError, validates_schema

from app.facts.fields import Many, says

Rule = Callable[[Any, dict[str, Any]], None]


def rule(*needs: str) -> Callable[[Rule], Rule]:
    """A rule across the fields `needs`; it is not asked while one of them is absent, null or unsound."""

    def decorate(check: Rule) -> Rule:
        @validates_schema(skip_on_field_errors=False)
        @functools.wraps(check)
        def guarded(self: Any, data: dict[str, Any], **_: Any) -> None:
            if all(data.get(name) is not None for name in needs):
                check(self, data)

        return cast(Rule, guarded)

    return decorate


INSIDE, OUTSIDE, NOWHERE = "inside", "outside", "nowhere"


class Fact(Schema):
    """A mapping with exactly the declared fields. `shown` is where what it says can be read: in the document, on the
    outside of it (an envelope, a subject line), or on no paper at all."""

    shown: ClassVar[str] = INSIDE
    error_messages = says(unknown="没有此项", type="应为对象")

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def elements_differ(self, _: dict[str, Any], original: Any, **__: Any) -> None:
        """No two elements of a list are the same thing told twice."""
        errors = {
            name: {index: {field.unique: ["重复"]} for index in _repeated(original.get(name), field.unique)}
            for name, field in self.fields.items()
            if isinstance(field, Many) and isinstance(original, Mapping)
        }
        if errors := {name: found for name, found in errors.items() if found}:
            raise ValidationError(errors)


def _repeated(elements: Any, key: str) -> Iterator[int]:
    """Where an element repeats the key of an earlier one. Looks at what was sent, sound or not."""
    seen = set()
    for index, element in enumerate(elements if isinstance(elements, list) else []):
        said = element.get(key) if isinstance(element, Mapping) else None
        if isinstance(said, str):
            if said in seen:
                yield index
            seen.add(said)
