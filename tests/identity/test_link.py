"""Who is one person, by papers where no name is known."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from pipelines.identity import observed
from tests.identity.conftest import Register, Seen, Verdict


def persons(*groups: set[int]) -> set[frozenset[int]]:
    return {frozenset(group) for group in groups}


def test_same_document_and_state_with_same_birth_date_is_one_person(register: Register) -> None:
    register.load(Seen(1, document="AB 123"), Seen(2, document="ab123"))
    assert register.persons() == persons({1, 2})


def test_same_number_of_another_state_is_another_person(register: Register) -> None:
    register.load(Seen(1, document="A1", state="UZB"), Seen(2, document="A1", state="TJK"))
    assert register.persons() == persons({1}, {2})


def test_same_document_different_birth_year_is_not_linked_without_a_steward(register: Register) -> None:
    register.load(Seen(1, document="A1"), Seen(2, document="A1", birth="2015-01-01"))
    assert register.persons() == persons({1}, {2})
    register.load(Verdict(9, 1, 2, "same"))
    assert register.persons() == persons({1, 2})


def test_partial_birth_date_joins_the_only_date_it_fits(register: Register) -> None:
    register.load(Seen(1, document="A1", birth="1980-05-01"), Seen(2, document="A1", birth="1980"))
    assert register.persons() == persons({1, 2})


def test_a_third_who_knows_the_whole_date_bridges_a_slip_of_another(register: Register) -> None:
    """Two dates that no slip explains, each beside the same third; a third who knows the year alone bridges nothing."""
    name = {"surname": "Абдукаххоров", "given": "Мирзохид"}
    right, slipped = Seen(1, birth="1980-05-28", document="A1", **name), Seen(2, birth="1980-06-27", **name)
    register.load(right, slipped)
    assert register.persons() == persons({1}, {2})
    register.load(Seen(3, birth="1980", document="A1", **name))
    assert not any({1, 2} <= person for person in register.persons())
    register.load(Seen(4, birth="1980-06-27", document="A1", **name))
    assert register.persons() == persons({1, 2, 3, 4})


def test_partial_birth_date_that_fits_two_dates_joins_neither(register: Register) -> None:
    register.load(Seen(1, document="A1", birth="1980"), Seen(2, document="A1", birth="1980-05-01"))
    counts = register.load(Seen(3, document="A1", birth="1980-06-12"))
    assert register.persons() == persons({1}, {2}, {3})
    assert counts.split == 1


def test_document_without_birth_date_is_not_enough(register: Register) -> None:
    register.load(Seen(1, document="A1", birth=None), Seen(2, document="A1", birth=None))
    assert register.persons() == persons({1}, {2})


def test_valid_iin_links_across_documents(register: Register) -> None:
    register.load(Seen(1, document="A1", iin="900101300017"), Seen(2, document="B2", iin="900101300017"))
    assert register.persons() == persons({1, 2})


def test_two_valid_iins_never_become_one_person(register: Register) -> None:
    register.load(
        Seen(1, document="A1", iin="111"), Seen(2, document="A1"), Seen(3, document="A1", iin="222"), Seen(4, iin="222")
    )
    found = register.persons()
    assert not any({1, 3} <= person for person in found)
    assert any({3, 4} <= person for person in found)


def test_twins_with_documents_in_a_row_stay_two(register: Register) -> None:
    register.load(Seen(1, document="FA1000001"), Seen(2, document="FA1000002"))
    assert register.persons() == persons({1}, {2})


def test_children_in_the_passport_of_a_parent_are_persons_of_their_own(register: Register) -> None:
    register.load(
        Seen(1, document="A1", birth="1980-01-01", sex="F"),
        Seen(2, document="A1", birth="2019-04-01", sex="M"),
        Seen(3, document="A1", birth="2019-04-01", sex="F"),
    )
    assert register.persons() == persons({1}, {2}, {3})


def test_another_sex_does_not_part_whom_an_iin_joins(register: Register) -> None:
    iin = "900101300017"
    register.load(Seen(1, document="A1", sex="M", iin=iin), Seen(2, document="A1", sex="F", iin=iin))
    assert register.persons() == persons({1, 2})


def test_letters_that_look_like_digits_do_not_join_two_documents(register: Register) -> None:
    register.load(Seen(1, document="AO1I34"), Seen(2, document="A01134"))
    assert register.persons() == persons({1}, {2})


def test_renewed_passport_of_another_state_is_of_the_person_whom_the_iin_names(register: Register) -> None:
    iin = "900101300017"
    register.load(Seen(1, document="A1", state="UZB", iin=iin), Seen(2, document="B2", state="TJK", iin=iin))
    assert register.persons() == persons({1, 2})


def test_name_alone_is_a_record_and_no_person(register: Register) -> None:
    register.load(Seen(1, birth=None, document=None))
    assert register.persons() == set()
    assert register.person(1) is None


def test_name_alone_is_linked_by_a_steward(register: Register) -> None:
    register.load(Seen(1, birth=None, document=None), Seen(2, document="A1"))
    register.load(Verdict(9, 1, 2, "same"))
    assert register.persons() == persons({1, 2})


def test_name_alone_is_no_person_again_once_a_steward_takes_the_link_back(register: Register) -> None:
    register.load(Seen(1, birth=None, surname="SYNAQ"), Seen(2, document="A1"), Verdict(1, 1, 2, "same"))
    register.load(Verdict(2, 2, 1, "different"))
    assert register.persons() == {frozenset({2})}
    assert register.person(1) is None


def test_steward_keeps_two_apart_whom_a_document_would_join(register: Register) -> None:
    register.load(Seen(1, document="A1"), Seen(2, document="A1"), Verdict(9, 1, 2, "different"))
    assert register.persons() == persons({1}, {2})


def test_a_record_parted_from_the_same_words_is_a_split_and_back_a_merge_of_one_record(register: Register) -> None:
    """The record 2 is carried by an observation of its own, 3, as long as a steward parts it from the record 1."""
    words = Seen(1, document="A1")
    register.load(words, Seen(9), carried={2: words})
    register.load(Verdict(1, 1, 2, "different"), carried={2: replace(words, number=3)})
    apart = register.person(3)
    assert apart != register.person(1)
    register.load(Verdict(2, 1, 2, "same"), carried={2: words})
    told = """SELECT event, person_id = $1, other_person_id = $1, load_seq, decided_by, records
        FROM linkage.link_event WHERE $1 IN (person_id, other_person_id) AND event <> 'created' ORDER BY load_seq"""
    assert register.connection.execute(told, [apart]).fetchall() == [
        ("split", True, False, 2, "steward", 1),
        ("merged", False, True, 3, "steward", 1),
    ]


def test_later_verdict_follows_the_earlier_one(register: Register) -> None:
    register.load(Seen(1, document="A1"), Seen(2, document="B1"), Verdict(1, 1, 2, "same"))
    register.load(Verdict(2, 2, 1, "different"))
    assert register.persons() == persons({1}, {2})


def test_a_verdict_that_nobody_understands_decides_nothing(register: Register) -> None:
    register.load(Seen(1, document="A1"), Seen(2, document="B1"), Verdict(1, 1, 2, "same"))
    register.load(Verdict(2, 1, 2, "perhaps"))
    assert register.persons() == persons({1, 2})


def test_survivor_of_a_merge_is_the_oldest_id(register: Register) -> None:
    register.load(Seen(1, document="A1"))
    first = register.person(1)
    register.load(Seen(2, document="B2", iin="111"))
    counts = register.load(Seen(3, document="A1", iin="111"))
    assert counts.merged == 1
    assert {register.person(number) for number in (1, 2, 3)} == {first}
    assert register.person(2, known_seq=2) != first


def test_a_person_whose_records_are_all_corrected_keeps_the_id(register: Register) -> None:
    register.load(Seen(1, document="A1"))
    first = register.person(1)
    register.load(carried={1: Seen(2, birth="1981-01-01", document="A1")})
    assert register.person(2) == first and register.persons() == persons({2})
    register.load(carried={1: Seen(1, document="A1")})
    assert register.person(1) == first and register.persons() == persons({1})


def test_a_record_corrected_to_be_another_persons_leaves_that_person_its_id(register: Register) -> None:
    other = Seen(9, birth="1970-05-05", document="B1")
    register.load(Seen(1, document="A1"))
    register.load(other)
    before, others = register.person(1), register.person(9)
    register.load(carried={1: other})
    assert register.person(9) == others != before
    register.load(carried={1: Seen(1, document="A1")})
    assert (register.person(1), register.person(9)) == (before, others)


def test_withdrawn_record_undoes_its_merge_exactly(register: Register) -> None:
    register.load(Seen(1, document="A1"), Seen(2, document="B2", iin="111"))
    before = register.persons()
    register.load(Seen(3, document="A1", iin="111"))
    assert len(register.persons()) == 1
    register.load(withdrawn=(3,))
    assert register.persons() == before


def test_a_load_counts_what_stands_after_it_and_has_no_mean_of_nothing(register: Register) -> None:
    named = {"surname": "Каримов", "given": "Рустам", "birth": "1988-03-17"}
    first = register.load(Seen(1, **named, document="A1"), Seen(2, **named, document="A1"))
    assert first.compared == 1 and first.mean_probability is not None and first.mean_probability > 0.999
    second = register.load(
        Seen(3, **named | {"birth": "1988-03-18"}), Seen(4, iin="111", **named), Seen(5, iin="222", **named)
    )
    assert (second.yellow, second.red) == colours(register) != (0, 0)
    third = register.load()
    assert (third.yellow, third.red) == (second.yellow, second.red)
    assert (third.compared, third.mean_probability) == (0, None)


def colours(register: Register) -> tuple[int, int]:
    rows = register.connection.execute("SELECT colour FROM linkage.identity_link WHERE known_to_seq IS NULL").fetchall()
    return rows.count(("yellow",)), rows.count(("red",))


def test_load_run_twice_gives_the_same_ids(register: Register) -> None:
    register.load(Seen(1, document="A1"), Seen(2, document="A1"))
    before = register.person(1)
    register.load_seq = 0
    register.load()
    assert register.person(1) == before
    assert register.connection.execute("SELECT count(*) FROM linkage.person_observation").fetchall() == [(2,)]


def test_a_father_written_behind_the_given_names_tells_namesakes_apart(register: Register) -> None:
    name = {"surname": "Суюнова", "birth": "1976-03-27", "sex": "F", "citizenship": "UZB"}
    register.load(
        Seen(1, given="Шарофат", patronymic="Олимовна", **name),
        Seen(2, given="Sharofat Olimovna", **name),
        Seen(3, given="Sharofat Suxrobovna", **name),
    )
    assert register.persons() == persons({1, 2}, {3})


def test_a_further_given_name_in_one_text_is_no_other_father(register: Register) -> None:
    born = {"birth": "1970-12-02", "citizenship": "AFG"}
    register.load(
        Seen(1, surname="REZAI", given="IBRAHIM NADER", patronymic="HASAN", **born),
        Seen(2, full_name="Резаи Ибрагим Надер", **born),
    )
    assert register.persons() == persons({1, 2})


def test_a_name_whole_in_the_field_of_given_names_is_divided(register: Register) -> None:
    born = {"birth": "1971-12-15", "sex": "F", "citizenship": "CHN"}
    register.load(Seen(1, surname="Zhumabai", given="Aigerim", **born), Seen(2, given="AIGERIM ZHUMABAI", **born))
    assert register.persons() == persons({1, 2})


def test_a_year_one_off_is_a_slip_where_number_and_names_agree(register: Register) -> None:
    name = {"surname": "Рахимов", "given": "Далер", "document": "AA1234567"}
    register.load(Seen(1, birth="1989-05-17", **name), Seen(2, birth="1990-05-17", **name))
    assert register.persons() == persons({1, 2})
    register.load(Seen(3, birth="1990-05-17", surname="Рахимов", given="Далер"))
    assert persons({1, 2, 3}) == register.persons()


def test_twins_hasan_and_husan_are_two(register: Register) -> None:
    born = {"birth": "1991-12-22", "surname": "Зохидов", "patronymic": "Тухтасинович", "citizenship": "UZB"}
    register.load(*(Seen(n, given="Хасан" if n < 4 else "HUSAN", document=f"AA{n}7", **born) for n in range(1, 7)))
    assert register.persons() == persons({1, 2, 3}, {4, 5, 6})


def test_load_stopped_once_names_are_known_observes_all_when_run_again(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = Seen(1, surname="Karimov", given="Rustam", birth="1990-02-03", document="AA1234567", state="UZB")
    with monkeypatch.context() as patched, pytest.raises(duckdb.InvalidInputException):
        patched.setattr(observed, "KEYS", ("SELECT error('stopped')",))
        register.load(paper)
    register.connection.rollback()
    assert register.connection.execute("SELECT count(*) FROM linkage.name_value").fetchall() != [(0,)]
    assert register.connection.execute("SELECT count(*) FROM linkage.observed").fetchall() == [(0,)]
    register.load_seq -= 1
    register.load()
    register.load(Seen(2, surname="KARIMOV", given="RUSTAM", birth="1990-02-03", document="AA1234567", state="UZB"))
    assert register.persons() == {frozenset({1, 2})}
    assert register.connection.execute(
        "SELECT count(*), count(DISTINCT value_id) FROM linkage.name_value"
    ).fetchall() == [(4, 4)]
