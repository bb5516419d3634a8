"""Regions and districts of the country, from `places.csv`, and where people go."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipelines.simulation.columns import Coded
from pipelines.simulation.population import Numbers

FILE = Path(__file__).with_name("places.csv")


@dataclass(frozen=True)
class Places:
    """Regions with their population, and districts with the region that each belongs to.

    Attributes:
        region: Codes of the regions.
        population: Persons by region.
        district: Codes of the districts, sorted by region.
        district_name: Their names in Russian.
        first: Position of the first district by region.
        count: Number of districts by region.
    """

    region: pa.Array
    population: list[float]
    district: pa.Array
    district_name: pa.Array
    first: Numbers
    count: Numbers

    def districts(self, region: Numbers, chance: np.ndarray) -> Numbers:
        """One district per row of the row's region; `chance` between 0 and 1 chooses."""
        return self.first[region] + (chance**1.5 * self.count[region]).astype(np.int64)

    def coded(self, district: Numbers) -> Coded:
        """The districts as a column of codes."""
        return Coded(self.district, district)


@lru_cache(maxsize=1)
def load_places() -> Places:
    """The places that ship with the package; a region without districts is its own."""
    text = {"kato": pa.string(), "region": pa.string()}
    table = pyarrow.csv.read_csv(FILE, convert_options=pyarrow.csv.ConvertOptions(column_types=text))
    regions = table.filter(pc.equal(table["level"], "region")).sort_by("kato")
    order = [("region", "ascending"), ("kato", "ascending")]
    districts = table.filter(pc.equal(table["level"], "district")).sort_by(order)
    position = pc.index_in(districts["region"], regions["kato"].combine_chunks()).to_numpy()
    count = np.bincount(position, minlength=regions.num_rows)
    return Places(
        region=regions["kato"].combine_chunks(),
        population=[float(value) for value in regions["population"].to_pylist()],
        district=districts["kato"].combine_chunks(),
        district_name=districts["name_ru"].combine_chunks(),
        first=np.cumsum(count) - count,
        count=count,
    )
