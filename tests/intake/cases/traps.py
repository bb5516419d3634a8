"""Traps of readers, and encodings: one defect in a hundred good rows.

A builder's name is the key of its verdict in `expected.yml`. Rows that a builder adds are counted in its manifest
unless the manifest is the defect.
"""

from __future__ import annotations

import gzip

import zstandard

from tests.intake.cases.rows import changed, of_lines, text_of
from tests.intake.intake_world import Sent, as_csv, as_jsonl, crossings, sent

HEADER_LINE = 1


def t01_windows_1251(case: str) -> Sent:
    return Sent(as_csv(crossings(case)).encode("cp1251", errors="replace"), 100)


def t02_unterminated_quote(case: str) -> Sent:
    lines = text_of(case)
    broken = ",".join([f"{case}-broken", '"2026-03-01T10:00:00+05:00', *lines[1].split(",")[2:]])
    return of_lines([*lines[:50], broken, *lines[50:]], 101)


def t02_two_unterminated_quotes(case: str) -> Sent:
    lines = text_of(case)
    lines[10] = lines[10].replace("tourism", '"tourism')
    lines[20] = lines[20].replace("tourism", '"tourism')
    return of_lines(lines, 100)


def t03_long_row(case: str) -> Sent:
    lines = text_of(case)
    return of_lines([*lines, lines[-1].replace(f"{case}-100", f"{case}-101") + ",more"], 101)


def t04_short_row(case: str) -> Sent:
    return of_lines([*text_of(case), f"{case}-101,2026-03-01T10:00:00+05:00,ALA"], 101)


def t05_cut_gzip(case: str) -> Sent:
    return Sent(gzip.compress(as_csv(crossings(case)).encode())[:-40], 100, "csv.gz")


def t05_cut_gzip_checksum(case: str) -> Sent:
    return Sent(gzip.compress(as_csv(crossings(case)).encode())[:-4], 100, "csv.gz")


def t05_cut_zstd(case: str) -> Sent:
    return Sent(zstandard.compress(as_csv(crossings(case)).encode())[:-40], 100, "csv.zst")


def t06_utf_16(case: str) -> Sent:
    return Sent(as_csv(crossings(case)).encode("utf-16"), 100)


def t07_reordered_columns(case: str) -> Sent:
    return sent([dict(reversed(row.items())) for row in crossings(case)])


def t07_doubled_column(case: str) -> Sent:
    lines = text_of(case)
    return of_lines([lines[0].replace("given_names", "surname"), *lines[1:]], 100)


def t08_cut_in_last_row(case: str) -> Sent:
    return Sent(as_csv(crossings(case)).encode()[:-40], 100)


def t09_nul_byte(case: str) -> Sent:
    return sent(changed(case, surname="Сын\x00ақов"))


def t10_mixed_line_ends(case: str) -> Sent:
    lines = text_of(case)
    return Sent(("\r\n".join(lines[:50]) + "\r\n" + "\n".join(lines[50:]) + "\n").encode(), 100)


def t11_field_of_3_mb(case: str) -> Sent:
    return sent(changed(case, surname="Ы" * 1_500_000))


def e21_byte_order_mark_jsonl(case: str) -> Sent:
    return Sent(as_jsonl(crossings(case)).encode("utf-8-sig"), 100, "jsonl")


def e21_byte_order_mark(case: str) -> Sent:
    return Sent(as_csv(crossings(case)).encode("utf-8-sig"), 100)


def e23_koi8(case: str) -> Sent:
    return Sent(as_csv([row | {"surname": "СЫНАКОВА"} for row in crossings(case)]).encode("koi8-r"), 100)


def e24_dos_code_page(case: str) -> Sent:
    return Sent(as_csv([row | {"surname": "Сынакова"} for row in crossings(case)]).encode("cp866"), 100)


def e24_code_page_of_old_macs(case: str) -> Sent:
    return Sent(as_csv([row | {"surname": "Сынакова"} for row in crossings(case)]).encode("mac_cyrillic"), 100)


def e24_utf_16_without_a_mark(case: str) -> Sent:
    return Sent(as_csv(crossings(case)).encode("utf-16-be"), 100)


def e25_one_row_in_another_encoding(case: str) -> Sent:
    last = as_csv([crossings(case, 101)[-1] | {"surname": "Сынакова"}]).splitlines()[HEADER_LINE]
    return Sent(as_csv(crossings(case)).encode() + last.encode("cp1251") + b"\n", 101)


def e25_utf_8_said_to_be_windows_1251(case: str) -> Sent:
    return sent(crossings(case), manifest={"encoding": "windows-1251"})
