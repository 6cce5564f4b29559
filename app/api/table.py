"""A file of rows (text/csv): UTF-8 with or without a byte order mark, a header, and no cell too many or too few.

A cell is text and stays text: nothing in it is computed, unquoted or trimmed, so one that looks like a formula is data
like any other, and is held to its field's own form by whoever reads the row.
"""

import csv
from collections.abc import Collection, Iterator
from io import StringIO

from app.errors import InvalidRequest, UnreadableRequest

ROW_LIMIT = 10_000

Row = dict[str, str]


def read(body: bytes, required: Collection[str], allowed: Collection[str]) -> Iterator[tuple[int, Row | None]]:
    """Each row with its number, the header being 1; None for one with other cells than the header. Empty cells are out.

    Rows without any content are passed over. `UnreadableRequest` when the file is no table, `InvalidRequest` when its
    header is not one of ours, when it has no rows, or too many.
    """
    records = _records(body)
    header = records[0] if records else []
    if faults := _header_faults(header, required, allowed):
        raise InvalidRequest({"header": faults})
    rows = [(number, cells) for number, cells in enumerate(records[1:], 2) if any(cells)]
    if not 0 < len(rows) <= ROW_LIMIT:
        raise InvalidRequest({"rows": [f"应有 1 至 {ROW_LIMIT} 行数据"]})
    for number, cells in rows:
        named = zip(header, cells, strict=False)
        yield number, {name: cell for name, cell in named if cell} if len(cells) == len(header) else None


def _records(body: bytes) -> list[list[str]]:
    """All records; the errors of codec and reader quote the file, so they are not kept as a cause."""
    try:
        return list(csv.reader(StringIO(body.decode("utf-8-sig"), newline=""), strict=True))
    except UnicodeDecodeError:
        why = "the file is not UTF-8"
    except csv.Error:
        why = "the file is not CSV: a quotation mark is not closed, or a cell is too long"
    raise UnreadableRequest(why)


def _header_faults(header: list[str], required: Collection[str], allowed: Collection[str]) -> list[str]:
    faults = [f"缺少 {name} 列" for name in required if name not in header]
    if any(name not in allowed for name in header):
        faults.append("有不认识的列")
    if len(set(header)) != len(header):
        faults.append("有重复的列")
    return faults
