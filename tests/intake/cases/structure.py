"""Defects of structure, repetition and time: one defect in a hundred good rows.

A builder's name is the key of its verdict in `expected.yml`. Rows that a builder adds are counted in its manifest
unless the manifest is the defect.
"""

from __future__ import annotations

import json
from datetime import date

from tests.intake.cases.rows import changed, of_lines, text_of
from tests.intake.intake_world import Sent, as_csv, as_jsonl, as_xlsx, crossings, sent

HEADER_LINE = 1


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


def s57_sex_in_other_codes(case: str) -> Sent:
    return sent([row | {"sex": "1" if row["sex"] == "M" else "0"} for row in crossings(case)])


def s57_month_before_day(case: str) -> Sent:
    return sent([row | {"birth_date": "05/17/1984"} for row in crossings(case)])


def s58_header_in_russian_and_kazakh(case: str) -> Sent:
    lines = text_of(case)
    names = {"surname": "Фамилия", "given_names": " АТЫ", "birth_date": "Дата рождения", "sex": "жынысы"}
    header = ",".join(names.get(name, name) for name in lines[0].split(","))
    return of_lines([header, *lines[1:]], 100)


def s59_total_row(case: str) -> Sent:
    return of_lines([*text_of(case), "Итого;100"], 101)


def s59_total_row_as_wide_as_the_others(case: str) -> Sent:
    lines = text_of(case)
    return of_lines([*lines, "Барлығы,100" + "," * (lines[0].count(",") - 1)], 101)


def s59_total_of_more_rows(case: str) -> Sent:
    return of_lines([*text_of(case), "ИТОГО: 1 234"], 101)


def s59_total_row_xlsx(case: str) -> Sent:
    book = [*crossings(case), {"event_id": "Всего", "event_at": 100}]
    return Sent(as_xlsx(book), 101, "xlsx")


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


def d76_correction_of_a_day_long_past(case: str) -> Sent:
    rows = [row | {"event_at": "2001-03-01T10:00:00+06:00", "birth_date": "1960"} for row in crossings(case)]
    return sent(rows, day=date(2001, 3, 1), manifest={"kind": "correction"})


def d77_business_date_in_the_future(case: str) -> Sent:
    return sent(crossings(case), day=date(2026, 6, 1))


def d93_exit_without_entry_and_two_entries(case: str) -> Sent:
    told = [("exit", 9), ("entry", 10), ("entry", 11)]
    rows = crossings(case, 103)
    own = [{"direction": way, "event_at": f"2026-03-01T{hour:02}:00:00+05:00"} for way, hour in told]
    return sent([*rows[:100], *(row | event for row, event in zip(rows[100:], own, strict=True))])


def d94_two_posts_in_five_minutes(case: str) -> Sent:
    rows = crossings(case, 101)
    elsewhere = rows[99] | {"event_id": f"{case}-101", "post_code": "SCO"}
    return sent([*rows[:100], elsewhere | {"event_at": rows[99]["event_at"].replace(":00+", ":05+")}])


def d102_two_persons_on_one_document(case: str) -> Sent:
    rows = crossings(case, 101)
    return sent([*rows[:100], rows[100] | {"document_number": rows[99]["document_number"], "birth_date": "2019-04-01"}])


def d105_one_person_with_two_sexes(case: str) -> Sent:
    rows = crossings(case, 101)
    return sent([*rows[:100], rows[99] | {"event_id": f"{case}-101", "sex": "F" if rows[99]["sex"] == "M" else "M"}])


def d112_asylum_facts_in_the_border_feed(case: str) -> Sent:
    told = {"asylum_case_id": "A-77", "notify_origin_consulate": "true"}
    return sent([row | told for row in crossings(case)])


def d_more_than_a_fifth_bad(case: str) -> Sent:
    return sent([row | {"event_at": "yesterday"} if n < 21 else row for n, row in enumerate(crossings(case))])


def d_a_fifth_bad(case: str) -> Sent:
    return sent([row | {"event_at": "yesterday"} if n < 20 else row for n, row in enumerate(crossings(case))])
