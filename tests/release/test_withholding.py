"""What the tables of a month give away together is left out, table by table; nothing where they give nothing away."""

from __future__ import annotations

import duckdb

from pipelines.release.withholding import withhold
from tests.release.released_world import RAW, attacked_designs, findings, released


def figures(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Figures that each table shows, by table."""
    names = [design.name for design in attacked_designs()]
    return {name: len(connection.execute(f"SELECT value FROM released_{name}").fetchall()) for name in names}


def test_tables_are_left_out_until_no_small_cell_is_given_away() -> None:
    """Of the figures that give every small cell away, as `test_attacks` shows."""
    with released(RAW, is_grouped=False) as connection:
        before = figures(connection)
        withhold(connection, attacked_designs(is_grouped=False), noise=0.0)
        after = figures(connection)
        assert findings(connection, noise=0.0, is_grouped=False)["linear_bounds"].measured == 0
    assert after["stock_region_citizenship"] == 0 < before["stock_region_citizenship"]
    assert after["national_monthly"] == before["national_monthly"] > 0


def test_nothing_is_left_out_where_noise_hides_every_small_cell() -> None:
    with released() as connection:
        before = figures(connection)
        withhold(connection, attacked_designs())
        assert figures(connection) == before
