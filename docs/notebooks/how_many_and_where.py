"""How many foreigners are in the country, and where: the stock of a day, by region and citizenship, with its bounds.

marimo run docs/notebooks/how_many_and_where.py -- --home warehouse [--key-file warehouse/keys/analysis.key]
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
    # The key stands in a statement because ATTACH takes no parameters; a quote in it is doubled.
    centre.execute(f"ATTACH '{home / 'aggregates.duckdb'}' AS aggregates (READ_ONLY)")
    given = key.replace("'", "''")
    centre.execute(f"ATTACH '{home / 'analysis.duckdb'}' AS analysis (ENCRYPTION_KEY '{given}', READ_ONLY)")

    def ask(query, *values, file="aggregates"):
        """Rows of a query as mappings by column."""
        centre.execute(f"USE {file}")
        found = centre.execute(query, values)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    return (ask,)


@app.cell
def _(ask, mo):
    first, last = ask("SELECT min(period) AS first, max(period) AS last FROM statistics.stock_daily")[0].values()
    day = mo.ui.date(start=first, stop=last, value=last, label="Day, at 24:00")
    mo.vstack([mo.md("# How many, and where"), day])
    return (day,)


@app.cell
def _(ask, day, mo):
    total = ask("SELECT sum(value) AS value, sum(lower) AS lower, sum(upper) AS upper FROM stock_on(?)", day.value)[0]
    mo.md(
        f"On {day.value} about **{total['value']:,.0f}** people were in the country who are not its citizens, between "
        f"{total['lower']:,.0f} and {total['upper']:,.0f} as far as the model of presence can tell. A stay of which "
        "nothing more is heard counts with the probability that it goes on."
    )
    return (total,)


@app.cell
def _(alt, ask, day, mo):
    by_region = ask(
        """SELECT coalesce(place.name_en, 'unknown') AS region, sum(stock.value) AS value, sum(stock.lower) AS lower,
          sum(stock.upper) AS upper
        FROM stock_on(?) AS stock LEFT JOIN reference.region AS place ON place.kato = stock.region
        GROUP BY ALL ORDER BY value DESC""",
        day.value,
    )
    bars = alt.Chart(alt.Data(values=by_region)).mark_bar().encode(x="value:Q", y=alt.Y("region:N", sort="-x"))
    mo.vstack([mo.md("## By region"), bars, mo.ui.table(by_region)])
    return (by_region,)


@app.cell
def _(ask, day, mo):
    by_citizenship = ask(
        """SELECT citizenship, sum(value) AS value, sum(lower) AS lower, sum(upper) AS upper FROM stock_on(?)
        GROUP BY ALL ORDER BY value DESC LIMIT 15""",
        day.value,
    )
    mo.vstack([mo.md("## The largest citizenships"), mo.ui.table(by_citizenship)])
    return


@app.cell
def _(ask, day, mo, total):
    # The same number from the pseudonymised stays: every analyst can follow how the total comes about.
    summed = "SELECT sum(presence_probability) AS value FROM present_on(?)"
    followed = ask(summed, day.value, file="analysis")[0]["value"]
    mo.md(
        "## Where the number comes from\n\n"
        f"The probabilities of presence of all persons in `analysis.duckdb` add up to **{followed or 0:,.1f}**; the "
        f"stock says {total['value'] or 0:,.1f}."
    )
    return (followed,)


if __name__ == "__main__":
    app.run()
