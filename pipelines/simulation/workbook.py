"""Small registers as `.xlsx`, with the same bytes for the same content.

A workbook says when it was made; here that is a fixed day, so that a world is the same from the same seed.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa

LARGEST = 100_000
MADE = "2000-01-01T00:00:00Z"


def write_workbook(table: pa.Table, path: Path) -> None:
    """Writes one sheet with a header row; every cell is text."""
    if table.num_rows > LARGEST:
        raise ValueError(f"{path.name}: {table.num_rows} rows are no small register; let the feed come as csv")
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("register")
    sheet.append(table.column_names)
    for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
        sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as parts, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as fixed:
        for name in sorted(parts.namelist()):
            content = parts.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb">[0-9T:-]{19}Z<", f">{MADE}<".encode(), content)
            fixed.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
