"""Country codes that deliveries may use, from the reference list that dbt seeds too."""

from __future__ import annotations

import duckdb

from pipelines.settings import CHECKOUT
from pipelines.storage.database import quoted

COUNTRIES = CHECKOUT / "dbt_project" / "seeds" / "country.csv"


def load_country_codes(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the temporary table `country_code(alias, code)`: every spelling of a code and its three letters.

    Alpha-2 is accepted besides alpha-3 and the ICAO codes; `D` is Germany's code in passports.
    """
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE country_code AS
        WITH country AS (SELECT * FROM read_csv({quoted(COUNTRIES)}, header = true, all_varchar = true)),
        spelling AS (
          SELECT code AS alias, CASE WHEN code = 'D' THEN 'DEU' ELSE code END AS code FROM country
          UNION SELECT alpha2, code FROM country WHERE alpha2 IS NOT NULL
          UNION SELECT 'D', 'DEU'
        )
        SELECT DISTINCT ON (alias) alias, code FROM (
          SELECT alias, code FROM spelling UNION ALL SELECT lower(alias), code FROM spelling) ORDER BY alias, code"""
    )
