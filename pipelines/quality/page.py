"""The parts of the page of results: words in three languages, tables and bars, every text escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from html import escape
from pathlib import Path

from pipelines.labels import LANGUAGES, label

STYLE = Path(__file__).with_name("report.css")
SWITCH = "document.documentElement.dataset.language = this.lang"


def spoken(say: Callable[[str], str]) -> str:
    """What `say` gives for each language; the page shows the one chosen."""
    return "".join(f'<span lang="{language}">{escape(say(language))}</span>' for language in LANGUAGES)


def words(key: str) -> str:
    """The label in all languages."""
    return spoken(partial(label, key))


def cell(value: object) -> str:
    """A table cell; numbers stand right, missing values are a dash."""
    if value is None:
        return "<td>—</td>"
    if isinstance(value, (int, float)):
        figure = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.6g}"
        return f'<td class="number">{figure}</td>'
    return f"<td>{escape(str(value))}</td>"


def marked(content: str) -> str:
    """A table cell whose content is already HTML."""
    return f"<td>{content}</td>"


def table(headings: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> str:
    """A table from the keys of its headings and, for each row, a class and its finished cells."""
    head = "".join(f"<th>{words(heading)}</th>" for heading in headings)
    body = "".join(f'<tr class="{escape(kind)}">{"".join(cells)}</tr>' for kind, cells in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def bar(parts: dict[str, int]) -> str:
    """What became of the rows of a file, as a bar and in figures; the keys are words of the catalogue."""
    whole = sum(parts.values()) or 1
    pieces = "".join(f'<i class="{key}" style="width:{100 * rows / whole:.2f}%"></i>' for key, rows in parts.items())
    figures = ", ".join(f"{rows:,} {words(f'quality.{key}')}" for key, rows in parts.items())
    return f'<div class="bar">{pieces}</div>{figures}'


def document(title: str, sections: Iterable[str]) -> str:
    """The whole page; it needs neither a network nor a server."""
    buttons = "".join(f'<button lang="{language}" onclick="{SWITCH}">{language}</button> ' for language in LANGUAGES)
    return (
        f'<!doctype html><html data-language="kk"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{STYLE.read_text(encoding='utf-8')}</style></head><body>"
        f"<nav>{words('quality.language')}: {buttons}</nav>{''.join(sections)}</body></html>\n"
    )
