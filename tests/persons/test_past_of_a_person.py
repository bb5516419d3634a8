"""Under which ids a person was known, and which events of them a statement tells."""

from __future__ import annotations

from pipelines.persons.statement import events_of, ids_of
from pipelines.storage import open_memory


def test_looks_at_an_id_that_was_merged_are_told_until_the_merge_is_undone() -> None:
    with open_memory() as connection:
        connection.execute(
            """CREATE SCHEMA registry;
            CREATE TABLE registry.source_link_history AS FROM (VALUES ('f', '1', 'p', 1, NULL), ('f', '2', 'q', 1, 2),
              ('f', '2', 'p', 2, NULL), ('f', '3', 'x', 1, NULL))
              AS t(feed, record_id, person_id, known_from_seq, known_to_seq);
            CREATE VIEW registry.source_link AS FROM registry.source_link_history WHERE known_to_seq IS NULL"""
        )
        assert ids_of(connection, "p") == {"p", "q"}
        connection.execute(
            """UPDATE registry.source_link_history SET known_to_seq = 3 WHERE record_id = '2' AND person_id = 'p';
            INSERT INTO registry.source_link_history VALUES ('f', '2', 'r', 3, NULL)"""
        )
        assert (ids_of(connection, "p"), ids_of(connection, "r")) == ({"p"}, {"q", "r"})


def test_a_merger_is_told_where_each_of_the_two_had_a_record_that_is_shown() -> None:
    with open_memory() as connection:
        connection.execute(
            """CREATE SCHEMA registry; CREATE SCHEMA meta;
            CREATE TABLE meta.release_history AS SELECT unnest([1, 2, 3]) AS load_seq, now() AS published_at;
            CREATE TABLE registry.link_event AS FROM (VALUES ('created', 'p', NULL, 1, 'new', 'model'),
              ('merged', 'p', 'asked', 2, 'new', 'model'), ('merged', 'p', 'crossed', 3, 'new', 'model'))
              AS t(event, person_id, other_person_id, load_seq, reason, decided_by);
            CREATE TABLE registry.source_link_history AS FROM (VALUES ('border_crossings', 'p', 1),
              ('asylum_cases', 'asked', 1), ('border_crossings', 'crossed', 2)) AS t(feed, person_id, known_from_seq)"""
        )
        assert [row["load_seq"] for row in events_of(connection, "p", [])] == [1, 2, 3]
        assert [row["load_seq"] for row in events_of(connection, "p", ["asylum_cases"])] == [1, 3]
