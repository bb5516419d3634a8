"""Promises about the registry as a whole, judged before it is published.

Each promise names the table it is about and an SQL query for its counterexamples; it holds when there are none.
Promises about a single model belong to dbt's tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from expectations.translations import CURRENT, apart

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

LINKED_RECORDS = "SELECT 1 FROM intermediate.source_record WHERE observation_id IS NOT NULL"
# A passage that was told again is no event of a stay.
ONCE = """ANTI JOIN (SELECT record_id FROM registry.told_again_history WHERE known_to_seq IS NULL) AS again
    USING (record_id)"""
# Crossings of persons: all with an identity, without the few whose identity names nobody. Joining the few is what keeps
# this cheap; that each of them has a link is a promise of its own.
LINKED_CROSSINGS = f"""
    SELECT crossing.direction
    FROM raw.border_crossings AS crossing
    ANTI JOIN (SELECT record_id FROM registry.source_link WHERE feed = 'border_crossings' AND person_id IS NULL)
      AS nameless USING (record_id)
    {ONCE}
    WHERE crossing.{CURRENT.replace(" AND ", " AND crossing.")} AND NOT crossing.is_citizen_stripped
      AND crossing.direction IN ('entry', 'exit')"""
# What a load may have changed: all else was judged when it last changed, and `mic verify` judges it whole.
TOUCHED = " SEMI JOIN intermediate.touched_person USING (person_id)"
THIS_LOAD = "(SELECT max(load_seq) FROM meta.load)"
TOUCHED_CROSSINGS = "SELECT 1 FROM intermediate.touched_event WHERE kind IN ('entry', 'exit')"
# Crossings and stays of the period of each person that a load computes anew.
CROSSINGS = f"SELECT direction FROM intermediate.touched_crossing {ONCE} WHERE direction IN ('entry', 'exit')"
CROSSED_STAYS = (
    "FROM registry.stay_history AS stay SEMI JOIN intermediate.touched_period AS period "
    "ON stay.person_id = period.person_id AND stay.first_sign_on >= period.computed_from"
)
# Persons whom a link of this load or of a touched person may name.
NAMED = (
    "SELECT person_id FROM intermediate.touched_person "
    f"UNION SELECT person_id FROM registry.source_link_history WHERE known_from_seq = {THIS_LOAD}"
)
STAYS = f"(FROM registry.stay_history{TOUCHED} WHERE known_to_seq IS NULL)"
# Parts of all records in which links and records are not the same by number and hash: only these are compared one by
# one. What a load opens and closes of either must come to the same, part by part.
DOUBTFUL = """WITH part AS MATERIALIZED (
      SELECT number FROM (
        SELECT hash(feed, record_id) AS content, content % 4096 AS number, one FROM ({told})
      ) GROUP BY number HAVING sum(one) <> 0 OR bit_xor(content) <> 0
    ), link AS (
      SELECT * FROM registry.source_link WHERE hash(feed, record_id) % 4096 IN (SELECT number FROM part)
    ), record AS (
      SELECT * FROM intermediate.source_record WHERE hash(feed, record_id) % 4096 IN (SELECT number FROM part)
    )"""
TOLD = "SELECT feed, record_id, {sign} AS one FROM {history}_history WHERE known_{end}_seq = " + THIS_LOAD
DOUBTFUL_CHANGED = DOUBTFUL.format(
    told=" UNION ALL ".join(
        TOLD.format(sign=sign, history=history, end=end)
        for history, end, sign in (
            ("registry.source_link", "from", 1),
            ("registry.source_link", "to", -1),
            ("intermediate.source_record", "from", -1),
            ("intermediate.source_record", "to", 1),
        )
    )
)
DOUBTFUL_OF_ALL = DOUBTFUL.format(
    told="SELECT feed, record_id, 1 AS one FROM registry.source_link "
    "UNION ALL SELECT feed, record_id, -1 FROM intermediate.source_record"
)
# What stands for each part of a query where the whole registry is judged.
OF_ALL = {
    TOUCHED: "",
    DOUBTFUL_CHANGED: DOUBTFUL_OF_ALL,
    CROSSINGS: LINKED_CROSSINGS,
    CROSSED_STAYS: "FROM registry.stay_history",
    NAMED: "SELECT DISTINCT person_id FROM registry.source_link",
}


@dataclass(frozen=True)
class Promise:
    """One promise about the registry.

    Attributes:
        id: Name of the promise in the results.
        table: The table it is about, a current view of a `_history`, whose rows are the rows judged.
        counterexamples: SQL that gives one row for each case in which it does not hold.
        fed_by: SQL that gives rows where the table must not be empty.
        severity: `critical` stops publication, `warning` is shown.
        reason: Why it must hold.
    """

    id: str
    table: str
    counterexamples: str
    fed_by: str
    severity: str
    reason: str

    @property
    def of_all(self) -> str:
        """The same query, of the whole registry where a load judges what it may have changed."""
        return reduce(lambda query, part: query.replace(*part), OF_ALL.items(), self.counterexamples)


PROMISES = (
    Promise(
        id="person_is_there_once",
        table="registry.person",
        counterexamples=f"SELECT person_id FROM registry.person_history{TOUCHED} WHERE known_to_seq IS NULL "
        "GROUP BY person_id HAVING count(*) > 1",
        fed_by="SELECT 1 FROM linkage.person_observation WHERE known_to_seq IS NULL AND person_id IS NOT NULL",
        severity="critical",
        reason="Every stock counts rows of the registry; a person who is there twice is counted twice.",
    ),
    Promise(
        id="record_has_one_link",
        table="registry.source_link",
        counterexamples=f"{DOUBTFUL_CHANGED} SELECT feed, record_id FROM link GROUP BY feed, record_id "
        "HAVING count(*) > 1",
        fed_by=LINKED_RECORDS,
        severity="critical",
        reason="A record with two current links gives its facts to two persons.",
    ),
    Promise(
        id="record_has_a_link",
        table="registry.source_link",
        counterexamples=f"{DOUBTFUL_CHANGED} SELECT feed, record_id FROM record ANTI JOIN link USING (feed, record_id) "
        "WHERE observation_id IS NOT NULL",
        fed_by=LINKED_RECORDS,
        severity="critical",
        reason="A record without a link is a fact that the registry has lost.",
    ),
    Promise(
        id="link_has_a_record",
        table="registry.source_link",
        counterexamples=f"{DOUBTFUL_CHANGED} SELECT feed, record_id FROM link ANTI JOIN record USING (feed, record_id)",
        fed_by=LINKED_RECORDS,
        severity="critical",
        reason="A link to a record that was replaced or withdrawn keeps a fact that no agency stands for.",
    ),
    Promise(
        id="link_names_a_person",
        table="registry.source_link",
        counterexamples=f"WITH named AS MATERIALIZED ({NAMED}), nobody AS MATERIALIZED (FROM named ANTI JOIN ("
        "FROM registry.person_history SEMI JOIN named USING (person_id) WHERE known_to_seq IS NULL) USING (person_id)"
        ") SELECT person_id FROM registry.source_link SEMI JOIN nobody USING (person_id)",
        fed_by=LINKED_RECORDS,
        severity="critical",
        reason="A link to a person who is not in the registry hides the record from the person's statement.",
    ),
    Promise(
        id="stays_do_not_overlap",
        table="registry.stay",
        counterexamples="SELECT 1 FROM (SELECT ended_on, lead(entered_on) OVER (PARTITION BY person_id "
        f"ORDER BY entered_on, ended_on NULLS LAST) AS entered_again FROM {STAYS} WHERE entered_on IS NOT NULL) "
        "WHERE entered_again < coalesce(ended_on, DATE 'infinity')",
        fed_by=TOUCHED_CROSSINGS,
        severity="critical",
        reason="Nobody is in the country twice on one day; overlapping stays count a person twice.",
    ),
    Promise(
        id="stay_ends_after_it_begins",
        table="registry.stay",
        counterexamples=f"SELECT 1 FROM {STAYS} WHERE left_on < entered_on",
        fed_by=TOUCHED_CROSSINGS,
        severity="critical",
        reason="A stay that ends before it begins takes a person out of the stock who was never put in.",
    ),
    Promise(
        id="crossings_reconcile",
        table="registry.stay",
        counterexamples="SELECT 1 WHERE (SELECT count(*) FILTER (WHERE direction = 'entry') "
        f"- count(*) FILTER (WHERE direction = 'exit') FROM ({CROSSINGS})) "
        f"<> (SELECT count(entry_post) - count(exit_post) {CROSSED_STAYS} WHERE known_to_seq IS NULL)",
        fed_by=TOUCHED_CROSSINGS,
        severity="critical",
        reason="Entries less exits less the unmatched are the stock; a difference is a crossing lost or invented.",
    ),
    Promise(
        id="no_minor_is_held",
        table="registry.person",
        counterexamples="SELECT 1 FROM registry.minor_in_centre WHERE kind = 'special_receiver' AND ended_on IS NULL",
        fed_by=LINKED_RECORDS,
        severity="warning",
        reason="A child in a special receiver is looked after today, not in a yearly report.",
    ),
)


def build_registry_suite(table: str, promises: Sequence[Promise]) -> ExpectationSuite:
    """The suite about one table; needs a Great Expectations context to exist."""
    from great_expectations import ExpectationSuite
    from great_expectations.expectations.metadata_types import FailureSeverity

    from expectations.aggregate import ExpectAggregateToBeBetween

    return ExpectationSuite(
        name=table,
        expectations=[
            ExpectAggregateToBeBetween(
                expression=apart(f"SELECT count(*) FROM ({promise.counterexamples})"),
                max_value=0,
                severity=FailureSeverity(promise.severity),
                meta={"type": promise.id, "column": None, "reason": promise.reason, "threshold": "= 0"},
            )
            for promise in promises
            if promise.table == table
        ],
    )
