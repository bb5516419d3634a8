"""Builders of defective deliveries: a hundred good rows and one defect each.

A builder's name is the key of its verdict in `expected.yml`. Rows that a builder adds are counted in its manifest
unless the manifest is the defect.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from datetime import date

import zstandard

from tests.intake.intake_world import Row, Sent, as_csv, as_jsonl, as_parquet, as_xlsx, crossings, sent

HEADER_LINE = 1


def text_of(case: str) -> list[str]:
    """Lines of the good CSV file of a case, the header first."""
    return as_csv(crossings(case)).splitlines()


def of_lines(lines: list[str], rows: int, end: str = "\n") -> Sent:
    return Sent((end.join(lines) + end).encode(), rows)


def changed(case: str, **values: str) -> list[Row]:
    """A hundred good rows and one with other values."""
    return [*crossings(case), crossings(case, 101)[-1] | values]


# Readers' traps


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


# Container, transport, file name


def c01_empty_file(case: str) -> Sent:
    return Sent(b"", 0)


def c01_empty_gzip(case: str) -> Sent:
    return Sent(b"", 0, "csv.gz")


def c01_only_byte_order_mark(case: str) -> Sent:
    return Sent(b"\xef\xbb\xbf", 0)


def c01_only_blank_lines(case: str) -> Sent:
    return Sent(b"\n\n", 0)


def c01_blank_jsonl(case: str) -> Sent:
    return Sent(b"\n", 0, "jsonl")


def c02_header_alone(case: str) -> Sent:
    return of_lines(text_of(case)[:1], 0)


def c02_header_alone_of_many(case: str) -> Sent:
    return of_lines(text_of(case)[:1], 100)


def c03_cut_gzip_jsonl(case: str) -> Sent:
    return Sent(gzip.compress(as_jsonl(crossings(case)).encode())[:-30], 100, "jsonl.gz")


def c03_cut_parquet(case: str) -> Sent:
    return Sent(as_parquet(crossings(case))[:-30], 100, "parquet")


def c03_cut_workbook(case: str) -> Sent:
    return Sent(as_xlsx(crossings(case))[:-30], 100, "xlsx")


def c04_gzip_of_several_members(case: str) -> Sent:
    content = as_csv(crossings(case)).encode()
    return Sent(gzip.compress(content[:3000]) + gzip.compress(content[3000:]), 100, "csv.gz")


def c04_gzip_with_tail(case: str) -> Sent:
    return Sent(gzip.compress(as_csv(crossings(case)).encode()) + b"tail", 100, "csv.gz")


def c04_zstd_with_tail(case: str) -> Sent:
    return Sent(zstandard.compress(as_csv(crossings(case)).encode()) + b"tail", 100, "csv.zst")


def c05_gzip_bomb(case: str) -> Sent:
    return Sent(gzip.compress(as_csv(crossings(case)).encode() + b"\n" * (65 << 20)), 100, "csv.gz")


def c05_zstd_bomb(case: str) -> Sent:
    return Sent(zstandard.compress(as_csv(crossings(case)).encode() + b"\n" * (65 << 20)), 100, "csv.zst")


def c06_zip(case: str) -> Sent:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("../../etc/passwd", as_csv(crossings(case)))
    return Sent(sink.getvalue(), 100, "zip")


def c08_name_with_a_command(case: str) -> Sent:
    return sent(crossings(case), name="border_crossings_20260301_001.csv;rm -rf .csv")


def c08_name_with_a_newline(case: str) -> Sent:
    return sent(crossings(case), name="border_crossings_20260301_001\n.csv")


def c08_name_with_foreign_digits(case: str) -> Sent:
    return sent(crossings(case), name="border_crossings_٢٠٢٦٠٣٠١_001.csv")


def c08_name_that_is_sql(case: str) -> Sent:
    return sent(crossings(case), name="'); DROP TABLE intake.delivery;--.csv")


def c11_workbook_named_csv(case: str) -> Sent:
    return Sent(as_xlsx(crossings(case)), 100)


def c11_error_page_named_csv(case: str) -> Sent:
    return Sent(b"<html><body>502 Bad Gateway</body></html>\n", 100)


def c11_csv_named_parquet(case: str) -> Sent:
    return Sent(as_csv(crossings(case)).encode(), 100, "parquet")


def c11_csv_named_gzip(case: str) -> Sent:
    return Sent(as_csv(crossings(case)).encode(), 100, "csv.gz")


def c12_workbook_under_password(case: str) -> Sent:
    return Sent(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000), 100, "xlsx")


def c14_a_line_without_end(case: str) -> Sent:
    return Sent(as_csv(crossings(case)).encode() + b"x" * (9 << 20), 101)


def c14_a_million_columns(case: str) -> Sent:
    return Sent(b",".join(b"c%d" % n for n in range(1_000_001)) + b"\n", 0)


def c15_other_checksum(case: str) -> Sent:
    return sent(crossings(case), manifest={"sha256": "0" * 64})


def c15_other_checksum_parquet(case: str) -> Sent:
    return sent(crossings(case), "parquet", manifest={"sha256": "0" * 64})


def c15_fewer_rows_than_promised(case: str) -> Sent:
    return sent(crossings(case), manifest={"rows": 101})


def c15_manifest_is_not_json(case: str) -> Sent:
    return sent(crossings(case), manifest={"sha256": 7})


def c15_manifest_with_huge_count(case: str) -> Sent:
    return sent(crossings(case), manifest={"rows": 10**40})


def c15_manifest_of_another_day(case: str) -> Sent:
    return sent(crossings(case), manifest={"business_date": "2026-03-02"})


def c15_manifest_of_another_feed(case: str) -> Sent:
    return sent(crossings(case), manifest={"feed": "control_posts"})


def c17_file_of_another_feed(case: str) -> Sent:
    return sent([{"post_code": f"{case}{n}", "name_en": "Post"} for n in range(100)])


def c18_training_data(case: str) -> Sent:
    return sent([row | {"document_number": "000000000"} for row in crossings(case)])


def c18_a_training_row(case: str) -> Sent:
    return sent(changed(case, document_number="000000000"))


def c20_virus_test_string(case: str) -> Sent:
    return sent(changed(case, surname="X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"))


# CSV, XML and JSON structure


def s45_tab(case: str) -> Sent:
    return Sent(as_csv(crossings(case), delimiter="\t").encode(), 100)


def s45_pipe_by_manifest(case: str) -> Sent:
    return Sent(as_csv(crossings(case), delimiter="|").encode(), 100, manifest={"delimiter": "|"})


def s45_semicolon(case: str) -> Sent:
    return Sent(as_csv(crossings(case), delimiter=";").encode(), 100)


def s46_unterminated_quote_at_the_end(case: str) -> Sent:
    return of_lines([*text_of(case), f'{case}-101,"2026-03-01T10:00:00+05:00,ALA'], 101)


def s47_quote_inside_a_bare_field(case: str) -> Sent:
    lines = text_of(case)
    return of_lines([lines[0], lines[1].replace("Сынақов1", 'O"BRIEN'), *lines[2:]], 100)


def s48_newline_inside_quotes(case: str) -> Sent:
    return sent(changed(case, given_names="Тест\nЕкінші"))


def s49_two_short_rows(case: str) -> Sent:
    return of_lines([*text_of(case), "one,two", "three"], 102)


def s49_short_row_xlsx(case: str) -> Sent:
    rows = crossings(case)
    book = [*rows, {"event_id": f"{case}-101"}]
    return Sent(as_xlsx(book), 101, "xlsx")


def s49_long_row_xlsx(case: str) -> Sent:
    rows = crossings(case)
    book = [*rows, crossings(case, 101)[-1] | {"beyond": "value"}]
    return Sent(as_xlsx(book), 101, "xlsx")


def s50_cut_in_a_row(case: str) -> Sent:
    return Sent(as_csv(crossings(case, 101)).encode()[:-60], 101)


def s50_no_final_newline(case: str) -> Sent:
    return Sent(as_csv(crossings(case)).rstrip("\n").encode(), 100)


def s51_lone_carriage_returns(case: str) -> Sent:
    lines = text_of(case)
    return Sent(("\r".join(lines[:50]) + "\r" + "\r\n".join(lines[50:]) + "\n").encode(), 100)


def s51_crlf_jsonl(case: str) -> Sent:
    return Sent(as_jsonl(crossings(case)).replace("\n", "\r\n").encode(), 100, "jsonl")


def s52_no_header(case: str) -> Sent:
    return of_lines(text_of(case)[1:], 99)


def s52_header_again_in_the_middle(case: str) -> Sent:
    lines = text_of(case)
    return of_lines([*lines[:50], lines[0], *lines[50:]], 101)


def s52_header_twice(case: str) -> Sent:
    lines = text_of(case)
    return of_lines([lines[0], *lines], 101)


def s53_column_added(case: str) -> Sent:
    return sent([row | {"lane": "7"} for row in crossings(case)])


def s53_column_without_a_name(case: str) -> Sent:
    return sent([row | {"": "7"} for row in crossings(case)])


def s54_optional_column_removed(case: str) -> Sent:
    return sent([{name: value for name, value in row.items() if name != "purpose"} for row in crossings(case)])


def s54_required_column_removed(case: str) -> Sent:
    return sent([{name: value for name, value in row.items() if name != "post_code"} for row in crossings(case)])


def s54_required_key_removed_jsonl(case: str) -> Sent:
    rows = [*crossings(case), {k: v for k, v in crossings(case, 101)[-1].items() if k != "post_code"}]
    return sent(rows, "jsonl")


def s56_column_renamed(case: str) -> Sent:
    lines = text_of(case)
    return of_lines([lines[0].replace("event_at", "stamped_at"), *lines[1:]], 100)


def s58_header_with_blanks_and_capitals(case: str) -> Sent:
    lines = text_of(case)
    return of_lines([lines[0].upper().replace(",", " ,\u00a0"), *lines[1:]], 100)


def s59_total_row(case: str) -> Sent:
    return of_lines([*text_of(case), "Итого;100"], 101)


def s60_day_as_serial(case: str) -> Sent:
    return sent(changed(case, event_at="45617"))


def s60_birth_date_as_serial(case: str) -> Sent:
    return sent(changed(case, birth_date="30819"))


def s61_xml(case: str) -> Sent:
    content = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    return Sent(content, 1, "xml")


def s61_json_of_a_hundred_levels(case: str) -> Sent:
    rows = as_jsonl(crossings(case))
    return Sent((rows + '{"event_id":' + "[" * 100 + "]" * 100 + "}\n").encode(), 101, "jsonl")


def s62_json_duplicate_key(case: str) -> Sent:
    return added_line(case, '{"event_id": "a", "event_id": "b"}')


def s62_json_nan(case: str) -> Sent:
    return added_line(case, json.dumps(crossings(case, 101)[-1] | {"conveyance": float("nan")}))


def s62_json_big_integer(case: str) -> Sent:
    return added_line(case, json.dumps(crossings(case, 101)[-1] | {"document_number": 10**21}))


def s62_json_digits_in_a_string(case: str) -> Sent:
    return added_line(case, json.dumps(crossings(case, 101)[-1] | {"document_number": "1" * 20}))


def s62_not_json(case: str) -> Sent:
    return added_line(case, '{"event_id": ')


def s62_json_array(case: str) -> Sent:
    return added_line(case, '["a"]')


def s62_json_lone_surrogate(case: str) -> Sent:
    return added_line(case, '{"event_id": "\\ud800"}')


def s62_json_wildcard_key(case: str) -> Sent:
    rows = [row | {"*": "star", "": "nothing", 'a"b~/': "odd"} for row in crossings(case)]
    return sent(rows, "jsonl")


def s62_json_broken_encoding(case: str) -> Sent:
    return Sent(as_jsonl(crossings(case)).encode() + b'{"event_id": "\xff"}\n', 101, "jsonl")


def added_line(case: str, line: str) -> Sent:
    return Sent((as_jsonl(crossings(case)) + line + "\n").encode(), 101, "jsonl")


# Encoding, as far as it decides over the container


def e21_byte_order_mark(case: str) -> Sent:
    return Sent(as_csv(crossings(case)).encode("utf-8-sig"), 100)


def e23_koi8(case: str) -> Sent:
    return Sent(as_csv([row | {"surname": "СЫНАКОВА"} for row in crossings(case)]).encode("koi8-r"), 100)


def e24_dos_code_page(case: str) -> Sent:
    return Sent(as_csv([row | {"surname": "Сынакова"} for row in crossings(case)]).encode("cp866"), 100)


def e25_one_row_in_another_encoding(case: str) -> Sent:
    last = as_csv([crossings(case, 101)[-1] | {"surname": "Сынакова"}]).splitlines()[HEADER_LINE]
    return Sent(as_csv(crossings(case)).encode() + last.encode("cp1251") + b"\n", 101)


def e25_utf_8_said_to_be_windows_1251(case: str) -> Sent:
    return sent(crossings(case), manifest={"encoding": "windows-1251"})


# Repetition inside a delivery, and dates


def d73_exact_repeat(case: str) -> Sent:
    rows = crossings(case)
    return sent([*rows, rows[0]])


def d73_repeat_in_other_words(case: str) -> Sent:
    rows = crossings(case)
    return sent([*rows, rows[0] | {"citizenship": "UZ", "event_at": "2026-02-28T20:01:00Z"}])


def d74_same_id_other_content(case: str) -> Sent:
    rows = crossings(case)
    return sent([*rows, rows[0] | {"direction": "exit"}])


def d74_same_id_other_content_parquet(case: str) -> Sent:
    rows = crossings(case)
    return sent([*rows, rows[0] | {"direction": "exit"}], "parquet")


def d77_business_date_in_the_future(case: str) -> Sent:
    return sent(crossings(case), day=date(2026, 6, 1))


def d_more_than_a_fifth_bad(case: str) -> Sent:
    return sent([row | {"event_at": "yesterday"} if n < 21 else row for n, row in enumerate(crossings(case))])


def d_a_fifth_bad(case: str) -> Sent:
    return sent([row | {"event_at": "yesterday"} if n < 20 else row for n, row in enumerate(crossings(case))])
