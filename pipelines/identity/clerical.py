"""How many accepted pairs are right, as stewards say who judged a sample of them without seeing the model's word.

A pair of a stratum stands for all pairs of it when the sample was drawn, so that each verdict weighs as much as its
stratum holds pairs per verdict (Horvitz and Thompson). Bounds are exact binomial ones of each stratum at a confidence
at which all of them hold together; the finite size of a stratum is not made use of, so that they are rather too wide.
Stewards who err alike are not seen by this, nor pairs that rest on others' links alone.
"""

from __future__ import annotations

import duckdb

from pipelines.identity.measuring import CONFIDENCE, most_error

ACCEPTED_STRATA = ("near", "far")
MARK = r"^sample load=(\d+) seed=(\d+) stratum=(near|far|rejected) near=(\d+) far=(\d+): "

# Of each pair the last verdict that the sample has; the sample is the last that was drawn under the model in use.
SAMPLED = f"""WITH marked AS (
  SELECT *, regexp_extract(reason, '{MARK}', ['load', 'seed', 'stratum', 'near', 'far']) AS mark
  FROM raw.steward_decisions WHERE known_to_seq IS NULL AND regexp_matches(reason, '{MARK}')
),
told AS (
  SELECT mark.load::INTEGER AS load_seq, mark.seed::BIGINT AS seed, mark.stratum AS stratum,
    mark.near::BIGINT AS near, mark.far::BIGINT AS far, arg_max(verdict, (decided_at, decision_id)) AS verdict
  FROM marked GROUP BY mark, left_feed, left_record_id, right_feed, right_record_id
),
in_use AS (
  SELECT load_seq, seed FROM told JOIN linkage.model_used USING (load_seq)
  WHERE model_version = $model ORDER BY load_seq DESC, seed DESC LIMIT 1
)
SELECT {{columns}} FROM told JOIN in_use USING (load_seq, seed)"""
OF_STRATUM = """any_value({0}), count(*) FILTER (stratum = '{0}'),
  count(*) FILTER (stratum = '{0}' AND verdict = 'same')"""

Share = tuple[float | None, float | None, float | None, int]


def mark(load_seq: int, seed: int, stratum: str, near: int, far: int) -> str:
    """What stands before the reason of a verdict on a pair of a sample: its stratum, and how many pairs the others had.

    Args:
        load_seq: The load whose links were sampled.
        seed: Seed of the draw.
        stratum: `near`, `far` or `rejected`.
        near: Accepted pairs near the threshold.
        far: Accepted pairs far from it.
    """
    return f"sample load={load_seq} seed={seed} stratum={stratum} near={near} far={far}: "


def clerical_precision(connection: duckdb.DuckDBPyConnection, version: str) -> Share:
    """The share of accepted pairs that are right, its bounds and the verdicts; empty where no sample tells of all.

    Args:
        connection: The build database.
        version: The model in use; what was judged of another's links says nothing of it.
    """
    columns = ", ".join(OF_STRATUM.format(stratum) for stratum in ACCEPTED_STRATA)
    ((*told,),) = connection.execute(SAMPLED.format(columns=columns), {"model": version}).fetchall()
    strata = [tuple(told[place : place + 3]) for place in range(0, len(told), 3)]
    return weighted([(pairs, judged, right) for pairs, judged, right in strata if pairs])


def weighted(strata: list[tuple[int, int, int]]) -> Share:
    """Estimate of a share over strata of so many pairs, so many of them judged, so many of these found right."""
    checked = sum(judged for _, judged, _ in strata)
    if not strata or not all(judged for _, judged, _ in strata):
        return None, None, None, checked
    whole = sum(pairs for pairs, _, _ in strata)
    each = 1 - (1 - CONFIDENCE) / 2 / len(strata)
    value = sum(pairs * right / judged for pairs, judged, right in strata) / whole
    lower = sum(pairs * (1 - most_error(judged, judged - right, each)) for pairs, judged, right in strata) / whole
    upper = sum(pairs * most_error(judged, right, each) for pairs, judged, right in strata) / whole
    return value, lower, upper, checked
