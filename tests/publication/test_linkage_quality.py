"""How good the links are, as published: the same in both files, of few persons as a whole alone."""

from __future__ import annotations

from pathlib import Path

from tests.publication.published_world import opened, rows

FIGURES = "SELECT measure, group_kind, group_value, value, lower, upper, counted, model_version FROM quality.linkage"


def test_figures_agree_with_the_registry_and_name_the_model(two_nights: Path) -> None:
    with opened(two_nights, "restricted") as connection:
        asked = """SELECT (SELECT count(DISTINCT person_id) FROM registry.source_link),
          (SELECT count(DISTINCT (left_observation_id, right_observation_id)) FROM registry.link_evidence),
          (SELECT count(*) FROM registry.identity_link WHERE colour = 'red'),
          (SELECT count(*) FROM registry.source_link WHERE person_id IS NULL)"""
        ((persons, pairs, red, insufficient),) = rows(connection, asked)
    with opened(two_nights, "aggregates") as connection:
        found = {row[:3]: row[3:] for row in rows(connection, FIGURES)}
        ((version,),) = rows(connection, "SELECT model_version FROM meta.release")
    assert {row[-1] for row in found.values()} == {version}
    assert found["persons", "all", "all"][0] == persons
    assert found["accepted_pairs", "all", "all"][0] == pairs
    assert 0 < persons <= found["observations", "all", "all"][0]
    assert found.get(("red", "all", "all"), (0,))[0] == red
    assert found["records_identity_insufficient", "all", "all"][0] == insufficient
    assert found["steward_agreement", "all", "all"][0] is None
    assert {kind for _, kind, _ in found} == {"all"}, "no group of fewer than a thousand persons is shown"


def test_the_pseudonymised_file_holds_the_same_figures(two_nights: Path) -> None:
    with opened(two_nights, "aggregates") as connection:
        aggregates = sorted(map(str, rows(connection, FIGURES)))
    with opened(two_nights, "analysis") as connection:
        assert sorted(map(str, rows(connection, FIGURES))) == aggregates


def test_every_measure_has_words(two_nights: Path) -> None:
    with opened(two_nights, "aggregates") as connection:
        wordless = """SELECT DISTINCT 'measure', measure FROM quality.linkage
        UNION SELECT DISTINCT 'group_kind', group_kind FROM quality.linkage
        EXCEPT SELECT code_list, code FROM reference.code_label"""
        assert rows(connection, wordless) == []
