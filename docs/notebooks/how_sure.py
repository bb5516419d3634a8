"""How sure the figures are: bounds of the stock, late and missing data, the quality of links, and who may be gone.

marimo run docs/notebooks/how_sure.py -- --home warehouse [--key-file warehouse/keys/analysis.key]
"""

import marimo

app = marimo.App(width="medium")


@app.cell
def _():
    import pathlib

    import altair as alt
    import duckdb
    import marimo as mo

    return alt, duckdb, mo, pathlib


@app.cell
def _(duckdb, mo, pathlib):
    home = pathlib.Path(mo.cli_args().get("home") or "warehouse")
    key = (
        pathlib.Path(mo.cli_args().get("key-file") or home / "keys" / "analysis.key")
        .read_text(encoding="utf-8")
        .strip()
    )
    centre = duckdb.connect()
    # analysis.duckdb has everything of aggregates.duckdb beside the pseudonymised registry.
    given = key.replace("'", "''")
    centre.execute(f"ATTACH '{home / 'analysis.duckdb'}' AS analysis (ENCRYPTION_KEY '{given}', READ_ONLY)")
    centre.execute("USE analysis")

    def ask(query, *values):
        """Rows of a query as mappings by column."""
        found = centre.execute(query, values)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    return (ask,)


@app.cell
def _(alt, ask, mo):
    stock = ask(
        """SELECT CAST(period AS VARCHAR) AS period, sum(value) AS value, sum(lower) AS lower, sum(upper) AS upper
        FROM statistics.stock_daily WHERE indicator = 'stock' GROUP BY period ORDER BY period"""
    )
    shown = alt.Chart(alt.Data(values=stock)).encode(x="period:T")
    band = shown.mark_area(opacity=0.3).encode(y="lower:Q", y2="upper:Q") + shown.mark_line().encode(y="value:Q")
    mo.vstack([mo.md("# How sure\n\n## The stock and what its model leaves open"), band])
    return (stock,)


@app.cell
def _(alt, ask, mo):
    chances = ask(
        """SELECT round(presence_probability, 1) AS probability, count(*) AS stays FROM registry.stay
        WHERE left_on IS NULL AND presence_probability IS NOT NULL GROUP BY ALL ORDER BY ALL"""
    )
    bars = alt.Chart(alt.Data(values=chances)).mark_bar().encode(x="probability:O", y="stays:Q")
    mo.vstack([mo.md("## Open stays, by how likely they go on\n\nNo chance says anything of one person."), bars])
    return


@app.cell
def _(ask, mo):
    lateness = ask(
        """SELECT feed, delay_days, sum(reported) / sum(counted) AS share_reported FROM quality.lateness
        GROUP BY ALL HAVING sum(counted) >= 100 ORDER BY ALL"""
    )
    missing = ask(
        """SELECT feed, expected_by, missing_deliveries FROM quality.freshness WHERE state = 'late' ORDER BY feed"""
    )
    mo.vstack(
        [mo.md("## How late reports come"), mo.ui.table(lateness), mo.md("## What is late now"), mo.ui.table(missing)]
    )
    return


@app.cell
def _(ask, mo):
    links = ask(
        """SELECT measure, group_kind, group_value, value, lower, upper, counted FROM quality.linkage
        WHERE measure LIKE '%precision%' OR measure LIKE '%recall%' OR measure LIKE '%agreement%' ORDER BY ALL"""
    )
    mo.vstack([mo.md("## How good the links are\n\nCompare groups by bounds, not by values."), mo.ui.table(links)])
    return (links,)


if __name__ == "__main__":
    app.run()
