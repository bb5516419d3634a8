"""Shares: how many others are in a place, worked out from the size of a community and its share.

Of 120 persons who are 99 % of a district the others are one or two. The attacker knows how the share is made: of the
size as it is published and of a number of persons in the place which is perturbed and not published. Where a share
says something else than these two figures, it is of something that nobody perturbed, and is taken as it is.
"""

from __future__ import annotations

import duckdb

ENOUGH, FEW = 3, 30
HALF = 0.005

OTHERS = """WITH told AS (
  SELECT period, basis, basis_value, region, district, max(value) FILTER (indicator = 'size') AS size,
    max(value) FILTER (indicator = 'share') AS share
  FROM judged_community WHERE is_fresh GROUP BY ALL HAVING share > 0 AND size > 0
), known AS (
  SELECT told.*, place.exact - here.exact AS others,
    if(share = round(least(here.value / place.value, 1), 2), $noise, 0) AS hidden
  FROM told
  JOIN judged_composition AS here USING (period, basis, basis_value, region, district)
  JOIN judged_composition AS place ON here.period = place.period AND here.basis = place.basis
    AND here.region = place.region AND here.district = place.district AND place.basis_value = '_T'
  WHERE here.indicator = 'persons' AND place.indicator = 'persons'
)
SELECT others, greatest(CASE WHEN hidden > 0 THEN size / (share + $half) - size - 2 * hidden
    ELSE (size - $noise) * (1 / (share + $half) - 1) END, 0) AS least,
  CASE WHEN hidden > 0 THEN size / (share - $half) - size + 2 * hidden
    ELSE (size + $noise) * (1 / (share - $half) - 1) END AS most
FROM known WHERE others BETWEEN 1 AND $few"""


def narrow(connection: duckdb.DuckDBPyConnection, noise: float) -> tuple[int, int]:
    """Of how many communities few others are in their place, and of how many of these less than three values are left.

    Args:
        connection: With `judged_community` and `judged_composition`.
        noise: How far a published count is from the truth at most, as the attacker knows.
    """
    ((tried, found),) = connection.execute(
        f"SELECT count(*), count(*) FILTER (most - least < {ENOUGH}) FROM ({OTHERS})",
        {"noise": noise, "half": HALF, "few": FEW},
    ).fetchall()
    return tried, found
