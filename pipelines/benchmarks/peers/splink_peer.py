"""Splink on a file of observations: `python splink_peer.py OBSERVATIONS.parquet FOLDER`.

Its settings are those that its documentation recommends for names and dates, with term frequencies, on ASCII text;
blocked on document, on IIN, and on a key of the surname with the year of birth. One file of clusters is left per
threshold, so that the best can be found beside the truth, which this script never sees. Training is not timed.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import splink.comparison_library as compare
from anyascii import anyascii
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLDS = (0.001, 0.005, 0.02, 0.1, 0.3, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999, 0.999999)
SOFT, KEY_LENGTH = "[aeiouyhjw]", 3
RECALL_BY_PAPERS = 0.6
PAIRS_FOR_CHANCE = 2_000_000
READ = """CREATE TABLE read AS SELECT observation_id,
  trim(coalesce(surname_latin, surname, regexp_extract(full_name, '^(\\S+)', 1))) AS surname,
  trim(coalesce(given_names_latin, given_names, regexp_extract(full_name, '^\\S+\\s+(\\S+)', 1))) AS given,
  trim(coalesce(patronymic, regexp_extract(full_name, '^\\S+\\s+\\S+\\s+(.+)$', 1))) AS patronymic,
  birth_date, left(birth_date, 4) AS birth_year, sex, citizenship, CASE WHEN iin_verified THEN iin END AS iin,
  upper(regexp_replace(document_number, '[^\\p{L}\\p{N}]', '', 'g')) || document_state AS document
FROM read_parquet($1)"""
SPELLED = """CREATE TABLE person AS SELECT r.observation_id AS unique_id, s.ascii AS surname, s.key AS surname_key,
  g.ascii AS given, p.ascii AS patronymic,
  CASE WHEN length(birth_date) = 10 THEN birth_date END AS birth_date, birth_year, sex, citizenship, iin, document
FROM read AS r LEFT JOIN spelling AS s ON s.text = r.surname LEFT JOIN spelling AS g ON g.text = r.given
LEFT JOIN spelling AS p ON p.text = r.patronymic"""


class Timer:
    """Seconds of wall and CPU by step."""

    def __init__(self) -> None:
        """Starts the clocks."""
        self.steps: dict[str, tuple[float, float]] = {}
        self._since = time.monotonic(), time.process_time()

    def end(self, step: str) -> None:
        """Ends a step; the next one begins."""
        now = time.monotonic(), time.process_time()
        self.steps[step] = now[0] - self._since[0], now[1] - self._since[1]
        self._since = now


def prepare(api: DuckDBAPI, observations: Path) -> None:
    """Makes `person`: the observations with their names in ASCII, each distinct text spelled once."""
    connection = api.duckdb_con
    connection.execute(READ, [str(observations)])
    rows = connection.execute("SELECT DISTINCT unnest([surname, given, patronymic]) FROM read").fetchall()
    texts = [text for (text,) in rows if text]
    spelled = [re.sub("[^a-z]", "", anyascii(text).lower()) or None for text in texts]
    keys = [key_of(text) if text else None for text in spelled]
    table = pa.table({"text": texts, "ascii": spelled, "key": keys})
    connection.register("spelling", table)
    connection.execute(SPELLED)
    connection.unregister("spelling")


def key_of(text: str) -> str:
    """The first consonants, which spellings of one surname share most often; the sound (metaphone) finds fewer."""
    return re.sub(SOFT, "", text)[:KEY_LENGTH] or text


def settings(present: set[str]) -> SettingsCreator:
    """The comparisons and blocking rules over the columns that hold anything."""
    comparisons = {
        "surname": compare.NameComparison("surname"),
        "given": compare.NameComparison("given"),
        "patronymic": compare.NameComparison("patronymic"),
        "birth_date": compare.DateOfBirthComparison("birth_date", input_is_string=True),
        "sex": compare.ExactMatch("sex"),
        "citizenship": compare.ExactMatch("citizenship"),
        "document": compare.ExactMatch("document"),
        "iin": compare.ExactMatch("iin"),
    }
    by_frequency = {"surname", "given", "patronymic", "citizenship", "document"}
    used = [
        comparison.configure(term_frequency_adjustments=True) if name in by_frequency else comparison
        for name, comparison in comparisons.items()
        if name in present
    ]
    rules = {"document": block_on("document"), "iin": block_on("iin")}
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=used,
        blocking_rules_to_generate_predictions=[
            *(rule for name, rule in rules.items() if name in present),
            block_on("surname_key", "birth_year"),
        ],
        retain_matching_columns=False,
    )


def train(linker: Linker, present: set[str]) -> None:
    """Estimates the model as the documentation does: chance from random pairs, the rest from two blockings."""
    papers = [block_on(name) for name in ("document", "iin") if name in present]
    linker.training.estimate_probability_two_random_records_match(papers, recall=RECALL_BY_PAPERS)
    linker.training.estimate_u_using_random_sampling(max_pairs=PAIRS_FOR_CHANCE, seed=1)
    for rule in (block_on("document"), block_on("surname", "given"), block_on("birth_date")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=PAIRS_FOR_CHANCE)


def forget_peak() -> None:
    """Lets the system count the peak of memory anew."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_megabytes() -> int:
    """Most memory that this process has held since it was last forgotten."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


def run(observations: Path, folder: Path) -> dict[str, object]:
    """Prepares, trains, scores and clusters; returns what it cost."""
    timer = Timer()
    api = DuckDBAPI()
    prepare(api, observations)
    timer.end("prepare")
    names = ("surname", "given", "patronymic", "birth_date", "sex", "citizenship", "document", "iin")
    counts = api.duckdb_con.execute(f"SELECT {', '.join(f'count({name})' for name in names)} FROM person").fetchall()
    present = {name for name, count in zip(names, counts[0], strict=True) if count}
    linker = Linker(api.register("person"), settings(present), log_level=logging.ERROR)
    train(linker, present)
    forget_peak()
    timer.end("train")
    scored = linker.inference.predict(threshold_match_probability=THRESHOLDS[0])
    timer.end("score")
    for threshold in THRESHOLDS:
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(
            scored, threshold_match_probability=threshold
        )
        timer.end(f"cluster {threshold}")
        write(api.duckdb_con, found.physical_name, folder / f"clusters-{threshold}.parquet")
        timer.end("write")
    return {
        "peak_mb": peak_megabytes(),
        "pairs": len(scored.as_duckdbpyrelation()),
        "steps": timer.steps,
        "thresholds": THRESHOLDS,
    }


def write(connection: duckdb.DuckDBPyConnection, clustered: str, file: Path) -> None:
    """One row per observation with its cluster; a cluster is named by one of its observations."""
    connection.execute(
        f"""COPY (SELECT unique_id AS observation_id, CAST(cluster_id AS UBIGINT) AS cluster FROM {clustered})
        TO '{file}' (FORMAT parquet)"""
    )


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    print(json.dumps(run(Path(sys.argv[1]), Path(sys.argv[2]))))
