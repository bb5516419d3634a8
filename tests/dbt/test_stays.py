"""How entries, exits and signs of life become stays, statuses and places."""

from __future__ import annotations

from datetime import date

from tests.dbt.modelled_world import World

FIRST = "SELECT {} FROM registry.stay_history WHERE known_from_seq = 1 AND person_id = 'P{}' ORDER BY first_sign_on"


def day(number: int, month: int = 1) -> date:
    """A day of 2026."""
    return date(2026, month, number)


def test_an_entry_and_the_next_exit_are_one_stay(two_nights: World) -> None:
    assert two_nights.rows(FIRST.format("entered_on, left_on, pairing, entry_post", "MATCHED")) == [
        (day(2), day(10), "matched", "ALA")
    ]


def test_an_entry_without_exit_stays_open(two_nights: World) -> None:
    columns = "entered_on, left_on, pairing, last_sign_on, ended_on"
    assert two_nights.rows(FIRST.format(columns, "OPEN")) == [(day(5), None, "open", day(7), None)]


def test_the_next_entry_ends_a_stay_without_inventing_an_exit(two_nights: World) -> None:
    assert two_nights.rows(FIRST.format("entered_on, left_on, ended_unknown_on, pairing", "DOUBLE")) == [
        (day(3), None, day(20), "exit_not_matched"),
        (day(20), None, None, "open"),
    ]


def test_an_exit_without_entry_is_kept_and_counts_no_day(two_nights: World) -> None:
    assert two_nights.rows(FIRST.format("entered_on, left_on, pairing", "EXITONLY")) == [
        (None, day(8), "entry_not_matched")
    ]


def test_a_refused_entry_is_no_stay_but_its_person_is_known(two_nights: World) -> None:
    assert two_nights.rows(FIRST.format("1", "REFUSED")) == []
    assert two_nights.rows("SELECT count(*) FROM registry.person WHERE person_id = 'PREFUSED'") == [(1,)]


def test_a_notification_without_entry_is_a_stay_of_signs(two_nights: World) -> None:
    assert two_nights.rows(FIRST.format("entered_on, first_sign_on, pairing", "NOTIFIED")) == [
        (None, day(7), "signs_only")
    ]


def test_records_of_persons_without_a_crossing_are_kept_and_counted_by_load(later: dict[int, World]) -> None:
    """Of somebody unknown a permit, and an entry that comes later; of others a card, or a case of asylum, alone."""
    gaps = "SELECT feed, persons, records, known_seq FROM quality.reference_gap ORDER BY known_seq, feed"
    before = [("kandas_cases", 1, 1, 1), ("residence_permits", 3, 3, 1), ("stay_notifications", 1, 1, 1)]
    before += [("kandas_cases", 1, 1, 2), ("labour_permits", 1, 1, 2)]
    assert later[2].rows(gaps) == before
    found = [*before, ("asylum_cases", 1, 1, 3), ("residence_moves", 1, 1, 3), ("residence_permits", 1, 1, 3)]
    assert later[3].rows(gaps) == found
    persons = "SELECT count(*) FROM registry.person WHERE person_id IN ('PSTRANGER', 'PSEEKER')"
    assert later[3].rows(persons) == [(2,)]
    assert later[4].rows(gaps) == found


def test_a_notification_reported_after_the_exit_belongs_to_the_stay_it_speaks_of(two_nights: World) -> None:
    assert two_nights.rows(FIRST.format("entered_on, left_on, pairing", "SAMEDAY")) == [(day(4), day(4), "matched")]


def test_a_death_ends_the_stay(two_nights: World) -> None:
    assert two_nights.rows("SELECT left_on, died_on, ended_on FROM registry.stay WHERE person_id = 'PDEAD'") == [
        (None, day(12), day(12))
    ]


def test_a_card_of_emigration_ends_the_stay_unless_a_later_sign_contradicts_it(later: dict[int, World]) -> None:
    stay = "SELECT entered_on, left_on, moved_away_on, ended_on, presence, control_state FROM registry.stay "
    stay += "WHERE person_id = 'PDOUBLE'"
    gone = [(day(3), None, day(25), day(25), "left", None)]
    assert later[3].rows(stay) == gone
    stock = "SELECT sum(change) FROM statistics.stock_delta WHERE known_seq = 3 AND valid_day = DATE '2026-01-25'"
    assert later[3].rows(f"{stock} AND indicator = 'present_confirmed'") == [(-1,)]
    held = "SELECT valid_to FROM registry.validity_only WHERE person_id = 'PRESIDENT'"
    assert later[3].rows(held) == [(day(25),)]
    assert later[4].rows(stay) == [(day(3), None, None, None, "present", None)]


def test_a_crossing_after_a_death_is_a_contradiction_until_it_is_withdrawn(later: dict[int, World]) -> None:
    """The stay stands as it was; the contradiction is for a person's desk."""
    ended = "SELECT died_on, ended_on FROM registry.stay WHERE person_id = 'PDEAD' AND entered_on = DATE '2026-01-06'"
    found = "SELECT kind, first_record_id, second_record_id, happened_on FROM registry.contradiction"
    told = {seq: later[seq].rows(found) for seq in (2, 3, 4)}
    assert told == {2: [], 3: [("crossing_after_death", "a1", "ghost", day(25))], 4: []}
    assert later[3].rows(ended) == later[2].rows(ended)
    known = "SELECT known_from_seq, known_to_seq FROM registry.contradiction_history"
    assert later[4].rows(known) == [(3, 4)]


def test_a_withdrawn_entry_rejoins_what_it_had_split(two_nights: World) -> None:
    assert two_nights.rows("SELECT entered_on, pairing FROM registry.stay WHERE person_id = 'PDOUBLE'") == [
        (day(3), "open")
    ]


def test_a_notified_place_outranks_the_destination_named_at_the_border(two_nights: World) -> None:
    query = "SELECT region, basis_feed, host_type, valid_from, valid_to FROM registry.placement_history "
    assert two_nights.rows(query + "WHERE person_id = 'POPEN' AND known_from_seq = 1") == [
        ("710000000", "stay_notifications", "hotel", day(5), None)
    ]
    assert two_nights.rows(query + "WHERE person_id = 'PMATCHED' AND known_to_seq IS NULL") == [
        ("750000000", "border_crossings", None, day(2), day(15))
    ]


def test_a_territory_that_no_register_knows_is_unknown_with_its_code_kept(two_nights: World) -> None:
    query = "SELECT region, district, kato FROM registry.placement_history WHERE person_id = 'PNOTIFIED'"
    assert two_nights.rows(f"{query} AND known_from_seq = 1") == [("_U", "_U", "000")]


def test_a_labour_permit_makes_a_labour_migrant_while_it_is_valid(two_nights: World) -> None:
    query = (
        "SELECT category, valid_from, valid_to FROM registry.person_category WHERE person_id = 'PNOTIFIED' ORDER BY 2"
    )
    assert two_nights.rows(query) == [
        ("foreigner", day(7), day(10)),
        ("labour_migrant", day(10), day(20)),
        ("foreigner", day(20), None),
    ]


def test_citizens_whose_identity_was_dropped_are_counted_and_not_linked(two_nights: World) -> None:
    flows = "SELECT sum(change) FROM statistics.flow_delta WHERE indicator = 'citizen_crossings'"
    assert two_nights.rows(flows) == [(1,)]
    assert two_nights.rows(
        "SELECT count(*) FROM registry.source_link WHERE record_id = 'c1' AND person_id IS NULL"
    ) == [(0,)]
