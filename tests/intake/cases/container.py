"""Defects of containers, manifests and file names.

A builder's name is the key of its verdict in `expected.yml`. Rows that a builder adds are counted in its manifest
unless the manifest is the defect.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile

import zstandard

from tests.intake.cases.rows import changed, of_lines, text_of
from tests.intake.intake_world import Sent, as_csv, as_jsonl, as_parquet, as_xlsx, crossings, sent

OUTSIDE = ("../../outside.txt", "/outside.txt", "C:\\outside.txt")


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
    return Sent(zipped({"rows.csv": as_csv(crossings(case)).encode()}), 100, "zip")


def c06_zip_in_a_zip(case: str) -> Sent:
    return Sent(zipped({"again.zip": zipped({"rows.csv": as_csv(crossings(case)).encode()})}), 100, "zip")


def c06_workbook_that_unpacks_without_measure(case: str) -> Sent:
    return Sent(workbook_that_declares(case, 257 << 20), 100, "xlsx")


def c06_workbook_that_declares_too_little(case: str) -> Sent:
    return Sent(workbook_that_declares(case, 10), 100, "xlsx")


def workbook_that_declares(case: str, size: int) -> bytes:
    sink = io.BytesIO(as_xlsx(crossings(case)))
    with zipfile.ZipFile(sink, "a") as archive:
        archive.writestr("docProps/more.xml", "more")
        for part in archive.filelist:
            part.file_size = size if part.filename.endswith("sheet1.xml") else part.file_size
    return sink.getvalue()


def c07_path_that_leads_outside(case: str) -> Sent:
    return Sent(zipped({name: as_csv(crossings(case)).encode() for name in OUTSIDE}), 100, "zip")


def c07_workbook_with_paths_that_lead_outside(case: str) -> Sent:
    sink = io.BytesIO(as_xlsx(crossings(case)))
    with zipfile.ZipFile(sink, "a") as archive:
        for name in OUTSIDE:
            archive.writestr(name, "outside")
    return Sent(sink.getvalue(), 100, "xlsx")


def c07_name_that_leads_outside_in_a_manifest(case: str) -> Sent:
    return sent(crossings(case), manifest={"supersedes": OUTSIDE[0]})


def zipped(members: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sink.getvalue()


def c08_name_of_240_letters(case: str) -> Sent:
    return sent(crossings(case), name="border_crossings_20260301_001" + "x" * 207 + ".csv")


def c08_name_that_runs_from_right_to_left(case: str) -> Sent:
    return sent(crossings(case), name="border_crossings_20260301_001\u202evsc.csv")


def c08_name_in_letters_that_look_alike(case: str) -> Sent:
    return sent(crossings(case), name="bоrder_crоssings_20260301_001.csv")


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


def c11_pdf_named_csv(case: str) -> Sent:
    return Sent(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", 100)


def c12_workbook_under_password(case: str) -> Sent:
    return Sent(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000), 100, "xlsx")


def c14_a_line_without_end(case: str) -> Sent:
    return Sent(as_csv(crossings(case)).encode() + b"x" * (9 << 20), 101)


def c14_a_line_without_end_jsonl(case: str) -> Sent:
    return Sent(as_jsonl(crossings(case)).encode() + b'{"event_id": "' + b"x" * (9 << 20), 101, "jsonl")


def c14_a_million_columns(case: str) -> Sent:
    return Sent(b",".join(b"c%d" % n for n in range(1_000_001)) + b"\n", 0)


def c15_other_checksum(case: str) -> Sent:
    return sent(crossings(case), manifest={"sha256": "0" * 64})


def c15_other_checksum_parquet(case: str) -> Sent:
    return sent(crossings(case), "parquet", manifest={"sha256": "0" * 64})


def c15_fewer_rows_than_promised(case: str) -> Sent:
    return sent(crossings(case), manifest={"rows": 101})


def c16_manifest_of_another_file(case: str) -> Sent:
    other = hashlib.sha256(as_csv(crossings(case, 99)).encode()).hexdigest()
    return sent(crossings(case), manifest={"sha256": other, "rows": 99})


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
