"""Small tables that describe the rest: the release, the labels of all codes, the macros.

They are laid into the connection as temporary tables, which `tables.yml` names in `from`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.contracts import load_contracts
from pipelines.labels import catalogue
from pipelines.publication.plan import Macro
from pipelines.storage.loads import Load

RELEASES = """CREATE OR REPLACE TEMP TABLE release_rows AS
WITH load AS (
  SELECT load.load_seq, load.load_seq = $load AS is_this_release, known_at, code_version,
    min(told.business_date) AS first_day, max(told.business_date) AS as_of
  FROM meta.load LEFT JOIN intake.delivery AS told
    ON told.state = 'accepted' AND told.feed <> 'steward_decisions' AND told.load_seq <= load.load_seq
  WHERE load.load_seq <= $load
  GROUP BY ALL
)
SELECT concat_ws('.', coalesce(CAST(as_of AS VARCHAR), 'empty'), load_seq) AS release_id, load_seq, as_of, first_day,
  (
    SELECT max_by(told.first_day, told.known_seq) FROM quality.first_reported AS told
    WHERE told.known_seq <= load.load_seq
  ) AS first_border_day, known_at AS published_at, known_at AS known_until, code_version,
  (
    SELECT left(md5(string_agg(CAST(rule AS VARCHAR), chr(10) ORDER BY rule.rule_id)), 12)
    FROM reference.stay_rule AS rule
  ) AS rules_version,
  (SELECT arg_max(model_version, load_seq) FROM linkage.model_used WHERE load_seq <= $load) AS model_version,
  (
    SELECT max(model.model_version) FROM presence.model
    WHERE model.known_from_seq <= load.load_seq AND coalesce(model.known_to_seq > load.load_seq, true)
  ) AS presence_model_version,
  is_this_release
FROM load ORDER BY load_seq"""

UNKNOWN_CODES = """INSERT INTO code_label_rows
SELECT DISTINCT feed || '.' || column_name, value, $kk, $ru, $en, false FROM quality.drift
WHERE kind = 'unknown_code' AND regexp_full_match(value, '[A-Za-z][A-Za-z0-9_]{0,15}|[0-9]{1,3}')
GROUP BY feed, column_name, value HAVING sum(row_count) >= 10 ORDER BY 1, 2"""

OWN_CODES = "code."
TOLD_OF_NIGHTS = {
    "cadence": "cadence",
    "check": "expectation",
    "delivery": "delivery_state",
    "freshness": "freshness_state",
    "reason": "delivery_reason",
    "severity": "severity",
}


def lay_out(connection: duckdb.DuckDBPyConnection, load: Load, sources: Path) -> None:
    """Makes the temporary tables `release_rows`, `code_label_rows` and `feed_column_rows`.

    Args:
        connection: The build database.
        load: The load being published.
        sources: Folder of feed contracts.
    """
    connection.execute(RELEASES, {"load": load.load_seq})
    known = [(name, code, *words, True) for name, code, words in _codes(sources)]
    _keep(connection, "code_label_rows", known, ("code_list", "code", "name_kk", "name_ru", "name_en", "is_known"))
    connection.execute(UNKNOWN_CODES, catalogue()["code.unknown"])
    dictionary = [
        (contract.feed, column.name, column.type.value, column.marking.value, column.required, column.meaning)
        for contract in load_contracts(sources).values()
        for column in contract.columns
    ]
    _keep(
        connection, "feed_column_rows", dictionary, ("feed", "column_name", "type", "marking", "is_required", "meaning")
    )


def lay_out_macros(connection: duckdb.DuckDBPyConnection, macros: tuple[Macro, ...], file: str) -> None:
    """Makes the temporary table `macro_rows`: the macros of one file."""
    listed = [(m.name, m.signature, m.description, m.example) for m in macros if file in m.files]
    _keep(connection, "macro_rows", listed, ("name", "signature", "description", "example"))


def _codes(sources: Path) -> list[tuple[str, str, tuple[str, str, str]]]:
    """Every feed, every code of a contract and of the catalogue, with its list and its labels."""
    found = [
        ("feed", contract.feed, (contract.title.kk, contract.title.ru, contract.title.en))
        for contract in load_contracts(sources).values()
    ]
    found += [
        (f"{contract.feed}.{column.name}", code, (words.kk, words.ru, words.en))
        for contract in load_contracts(sources).values()
        for column in contract.columns
        for code, words in (column.codes or {}).items()
    ]
    for key, words in catalogue().items():
        if key.startswith(OWN_CODES) and key.count(".") == 2:
            _, code_list, code = key.split(".")
            found.append((code_list, code, (words["kk"], words["ru"], words["en"])))
        elif key.count(".") == 1 and (subject := key.partition(".")[0]) in TOLD_OF_NIGHTS:
            found.append((TOLD_OF_NIGHTS[subject], key.partition(".")[2], (words["kk"], words["ru"], words["en"])))
    return found


def _keep(
    connection: duckdb.DuckDBPyConnection, name: str, rows: Sequence[tuple[object, ...]], columns: tuple[str, ...]
) -> None:
    arrays = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    types = [pa.bool_() if column.startswith("is_") else pa.string() for column in columns]
    table = pa.table({column: pa.array(part, kind) for column, part, kind in zip(columns, arrays, types, strict=True)})
    connection.register("laid_out", table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM laid_out")
    connection.unregister("laid_out")
