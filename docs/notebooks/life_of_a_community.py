"""The life of a community: when it formed, how it grew, whom it took in, when it dissolved.

marimo run docs/notebooks/life_of_a_community.py -- --home warehouse
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
    centre = duckdb.connect(home / "aggregates.duckdb", read_only=True)

    def ask(query, *values):
        """Rows of a query as mappings by column."""
        found = centre.execute(query, values)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    return (ask,)


@app.cell
def _(ask, mo):
    communities = ask(
        """SELECT community_id, basis, basis_value, region, district, count(DISTINCT period) AS months,
          max(value) AS most
        FROM statistics.community WHERE indicator = 'size' GROUP BY ALL ORDER BY most DESC NULLS LAST, community_id"""
    )
    told_by = "{basis_value} ({basis}), {region}/{district}: {community_id}"
    names = {told_by.format(**one): one["community_id"] for one in communities}
    chosen = mo.ui.dropdown(names, value=next(iter(names), None), label="Community")
    told = (
        f"{len(communities)} communities may be shown."
        if communities
        else "No community may be shown in this home yet."
    )
    mo.vstack([mo.md(f"# The life of a community\n\n{told}"), chosen])
    return chosen, communities


@app.cell
def _(ask, chosen, mo):
    events = ask(
        """SELECT event_on, event, other_community_id FROM statistics.community_event
        WHERE community_id = ? ORDER BY event_on, event""",
        chosen.value,
    )
    mo.vstack([mo.md("## What happened"), mo.ui.table(events) if events else mo.md("Nothing is told of it.")])
    return (events,)


@app.cell
def _(alt, ask, chosen, mo):
    months = ask(
        """SELECT CAST(period AS VARCHAR) AS period, basis, indicator, value, lower, upper FROM statistics.community
        WHERE community_id = ? ORDER BY indicator, period""",
        chosen.value,
    )

    def line(indicator):
        """The chart of one indicator."""
        rows = [row for row in months if row["indicator"] == indicator]
        return alt.Chart(alt.Data(values=rows)).mark_line(point=True).encode(x="period:T", y="value:Q", color="basis:N")

    mo.vstack([mo.md("## Size"), line("size"), mo.md("## Location quotient"), line("location_quotient")])
    return (months,)


@app.cell
def _(mo):
    mo.md(
        """A community is a group that three months running is found in one place clearly more than chance would have
        it, its hosts moved as wholes; `docs/decisions/0015` says how. Late data may move its days: the same rows with
        `_history` show what was said before. That somebody lives there says nothing of whether he or she belongs to
        it."""
    )
    return


if __name__ == "__main__":
    app.run()
