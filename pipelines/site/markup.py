"""Small pieces of HTML; every text is escaped here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape


class Raw(str):
    """HTML that is already written, to be left as it is."""


class Figure(str):
    """A number as a language writes it; it stands right in its cell."""


class Cell(Raw):
    """A whole cell of a table."""


NO_HEADING = Cell('<td aria-hidden="true" class="bars"></td>')


@dataclass(frozen=True)
class Row:
    """A row of a table that bears attributes."""

    cells: Sequence[object]
    attributes: Mapping[str, object] = field(default_factory=dict)


@lru_cache(maxsize=1 << 16)
def escaped(text: str) -> str:
    """A text that ends no element and begins none; the same numbers and words come again and again."""
    return escape(text)


def element(name: str, *content: object, **attributes: object) -> Raw:
    """One element; an attribute's `_` is a hyphen, `class_` is `class`, and one that is None is left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Raw(f"<{name}{written}>{joined(content)}</{name}>")


def joined(pieces: Iterable[object]) -> Raw:
    """Pieces, one after the other, each escaped unless it is HTML already."""
    return Raw("".join(piece if isinstance(piece, Raw) else escaped(str(piece)) for piece in pieces))


def link(address: str, words: object, **attributes: object) -> Raw:
    """A link."""
    return element("a", words, href=address, **attributes)


def table(caption: str, headings: Sequence[object], rows: Iterable[Sequence[object] | Row]) -> Raw:
    """A table whose first column names the row; where it is too wide it can be moved by keyboard.

    Args:
        caption: What it shows.
        headings: Names of the columns; a `Figure` stands right.
        rows: Cells of each row.
    """
    head = joined(heading if isinstance(heading, Cell) else _cell("th", heading, scope="col") for heading in headings)
    body = joined(_row(row if isinstance(row, Row) else Row(row)) for row in rows)
    parts = (element("caption", caption), element("thead", element("tr", head)), element("tbody", body))
    return element("div", element("table", *parts), class_="wide", tabindex="0", role="region", aria_label=caption)


def folded(summary: str, content: object) -> Raw:
    """What opens on demand; it needs no script."""
    return element("details", element("summary", summary), content)


def bar(share: float) -> Cell:
    """A cell with a bar of a share of the widest one; the number stands beside it."""
    drawn = element("span", "", class_="bar", style=f"width:{max(100 * share, 0.5):.1f}%")
    return Cell(element("td", drawn, class_="bars", aria_hidden="true"))


def _row(row: Row) -> Raw:
    first, *others = row.cells
    cells = "".join([other if isinstance(other, Cell) else _plain_cell(other) for other in others])
    return element("tr", _cell("th", first, scope="row"), Raw(cells), **row.attributes)


def _plain_cell(value: object) -> str:
    """As `_cell` of a `td`; there are many."""
    text = value if isinstance(value, Raw) else escaped(str(value))
    return f'<td class="number">{text}</td>' if isinstance(value, Figure) else f"<td>{text}</td>"


def _cell(name: str, value: object, **attributes: object) -> Raw:
    return element(name, value, class_="number" if isinstance(value, Figure) else None, **attributes)
