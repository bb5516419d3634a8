"""A few numbers of what was just published, which Dagster plots from night to night. No number is about one person."""

from __future__ import annotations

from pipelines.settings import Settings
from pipelines.storage.sessions import open_published

HEADLINES = """
SELECT name, sum(value) FROM (
  SELECT replace(indicator, 'stock', 'persons_present') AS name, value FROM statistics.stock_daily
  WHERE period = (SELECT as_of FROM meta.release)
  UNION ALL SELECT indicator, value FROM statistics.unmatched
  WHERE cube = 'citizenship' AND period = (SELECT max(period) FROM statistics.unmatched)
  UNION ALL SELECT 'held_in_centres', value FROM statistics.centre_occupancy
  WHERE indicator = 'occupied' AND period = (SELECT max(period) FROM statistics.centre_occupancy))
GROUP BY name HAVING sum(value) IS NOT NULL ORDER BY name
"""


def headlines(settings: Settings) -> dict[str, int]:
    """One number per name: persons of the last reported day, what is unmatched by its month, and who was held."""
    with open_published(settings, "aggregates") as connection:
        return {str(name): round(value) for name, value in connection.execute(HEADLINES).fetchall()}
