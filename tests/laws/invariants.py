"""What must hold in every home after every fault, whatever the fault was.

| | promise |
|---|---|
| I1 | rows of a file = accepted + held back + repeated |
| I2 | ledger and database tell the same, files are those that the ledger names |
| I4 | published files open and are of one release |
| I5 | nobody's name stands in ledger, reports, release or temporary files |
| I7 | the stock is what entries less exits leave |
| I8 | each observation has one person, each person an event that made it |

I3, that a rebuild gives the same, takes a night for each load and has tests of its own (`test_recovery`).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.storage import Home, open_build
from pipelines.verification import verify
from tests.laws.nights import settings_of

STOCK = """SELECT (SELECT sum(change) FROM statistics.stock_delta WHERE indicator NOT IN ('silent', 'unseen')), (
  SELECT count(*) FROM (SELECT person_id, ended_on FROM registry.stay UNION ALL
    SELECT person_id, valid_to FROM registry.validity_only) s WHERE ended_on IS NULL AND NOT EXISTS (
    FROM registry.person_category c WHERE c.person_id = s.person_id AND c.category IN ('citizen_mover', 'emigrant')
      AND c.valid_to IS NULL))"""
DOUBLED = """SELECT count(*) FROM (SELECT observation_id FROM linkage.person_observation WHERE known_to_seq IS NULL
  GROUP BY observation_id HAVING count(*) > 1)"""
UNFOUNDED = """SELECT count(*) FROM registry.person p WHERE NOT EXISTS (
  FROM linkage.link_event e WHERE e.person_id = p.person_id AND e.event IN ('created', 'split'))"""
SURNAMES = "SELECT DISTINCT surname FROM intermediate.observation WHERE length(surname) > 7 ORDER BY ALL LIMIT 50"


def broken(root: Path) -> list[str]:
    """Promises that a home breaks, in words; empty where all hold."""
    found = [f"{check.name}: {problem}" for check in verify(settings_of(root)) for problem in check.problems]
    with open_build(settings_of(root), read_only=True) as connection:
        return found + _figures(connection) + _names(connection, Home(root))


def _figures(connection: duckdb.DuckDBPyConnection) -> list[str]:
    stock, open_stays = connection.execute(STOCK).fetchall()[0]
    doubled, unfounded = (connection.execute(query).fetchall()[0][0] for query in (DOUBLED, UNFOUNDED))
    found = [] if stock == open_stays else [f"I7: the stock is {stock}, {open_stays} stays are open"]
    found += [f"I8: {doubled} observations have two persons"] if doubled else []
    return found + ([f"I8: {unfounded} persons without an event that made them"] if unfounded else [])


def _names(connection: duckdb.DuckDBPyConnection, home: Home) -> list[str]:
    names = [name.encode() for (name,) in connection.execute(SURNAMES).fetchall()]
    assert len(names) > 5, "no names to look for"
    open_places = [home.ledger, *home.reports.rglob("*"), *home.release.rglob("*"), *home.temporary.rglob("*")]
    files = [path for path in open_places if path.is_file()]
    return [f"I5: a name stands in {path}" for path in files if any(name in path.read_bytes() for name in names)]
