"""Codes and clocks by which deliveries are read, from the reference lists that dbt seeds too."""

from __future__ import annotations

import duckdb

from pipelines.settings import CHECKOUT
from pipelines.storage.database import quoted

COUNTRIES = CHECKOUT / "dbt_project" / "seeds" / "country.csv"
REGIONS = CHECKOUT / "dbt_project" / "seeds" / "region.csv"
SPELLINGS = CHECKOUT / "pipelines" / "intake" / "country_spelling.csv"
POSTS = CHECKOUT / "sources" / "control_posts" / "real.csv"


def load_country_codes(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the macro `country_of(alias)`: the three letters of a state by any spelling of its code, or NULL.

    Alpha-2, the three digits of ISO 3166-1 and some Cyrillic spellings are accepted besides alpha-3 and the ICAO
    codes; `D` is Germany's code in passports. The spellings are an enumeration: a join would slice all other columns.
    """
    found = connection.execute(
        f"""WITH country AS (SELECT * FROM read_csv({quoted(COUNTRIES)}, header = true, all_varchar = true)),
        spelling AS (
          SELECT code AS alias, CASE WHEN code = 'D' THEN 'DEU' ELSE code END AS code FROM country
          UNION SELECT alpha2, code FROM country WHERE alpha2 IS NOT NULL
          UNION SELECT spelling, code FROM read_csv({quoted(SPELLINGS)}, header = true, all_varchar = true)
          UNION SELECT 'D', 'DEU'
        )
        SELECT DISTINCT ON (alias) alias, code FROM (
          SELECT alias, code FROM spelling UNION ALL SELECT lower(alias), code FROM spelling) ORDER BY alias, code"""
    ).fetchall()
    aliases, codes = (", ".join(map(quoted, column)) for column in zip(*found, strict=True))
    connection.execute(
        f"""DROP TYPE IF EXISTS temp.country_alias; CREATE TEMP TYPE country_alias AS ENUM ({aliases});
        SET VARIABLE country_codes = [{codes}];
        CREATE OR REPLACE TEMP MACRO country_of(alias) AS
          getvariable('country_codes')[enum_code(TRY_CAST(alias AS country_alias)) + 1]"""
    )


def load_clocks(connection: duckdb.DuckDBPyConnection) -> None:
    """Sets the variable `clock`: the time zone of every region (two digits) and of every post of the public list.

    The list stands for the posts of the years before one zone; the delivered register would make a moment depend on
    which of two deliveries came first.
    """
    connection.execute(
        f"""SET VARIABLE clock = (
        WITH region AS (SELECT kato[:2] AS region, clock FROM read_csv({quoted(REGIONS)}, all_varchar = true)),
        post AS (SELECT post_code, kato[:2] AS region FROM read_csv({quoted(POSTS)}, all_varchar = true)),
        place AS (
          SELECT region AS place, clock FROM region
          UNION ALL SELECT post_code, clock FROM post JOIN region USING (region)
        )
        SELECT map_from_entries(list({{'k': place, 'v': clock}})) FROM place)"""
    )
