"""Linear bounds: what all published figures together leave open about each cell that is not shown.

An attacker writes down that every published figure is the sum of the cells in it, give or take the noise, and that
tables of the same persons add up alike, and asks how small and how large a hidden cell can be. The attacker here also
knows which cells are empty and which are small.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

ROUNDS = 12
SLACK = 1e-6
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass
class System:
    """What an attacker writes down.

    Attributes:
        most: How large each cell can be at most; infinite where nothing says so.
        sums: For each statement the cells that it adds up, with signs, and the least and the most of the sum.
    """

    most: Floats
    sums: list[tuple[Places, Floats, float, float]] = field(default_factory=list)

    def say(self, cells: Places, least: float, most: float, signs: Floats | None = None) -> None:
        """Adds one statement."""
        self.sums.append((cells, np.ones(len(cells)) if signs is None else signs, least, most))

    def width(self, risky: Places, enough: float, seed: int = 1) -> Floats:
        """How much is left open about each risky cell, at least: `enough` and more is not told apart.

        Most cells are cleared together, by points that move many of them; only the rest are asked for one by one.

        Args:
            risky: The cells asked for.
            enough: A width that clears a cell.
            seed: Of the directions in which many cells are moved.
        """
        if not self.sums:
            return self.most[risky]
        least, most = np.full(len(risky), np.inf), np.full(len(risky), -np.inf)
        draw = np.random.default_rng(seed)
        program = self._program()
        for _ in range(ROUNDS):
            if not (most - least < enough).any():
                break
            weights = np.zeros(len(self.most))
            weights[risky] = np.where(most - least < enough, draw.choice([-1.0, 1.0], len(risky)), 0.0)
            for sign in (1.0, -1.0):
                found = program.extreme(sign * weights)[risky]
                least, most = np.minimum(least, found), np.maximum(most, found)
        for place in np.flatnonzero(most - least < enough):
            weights = np.zeros(len(self.most))
            weights[risky[place]] = 1.0
            least[place] = program.extreme(weights)[risky[place]]
            most[place] = program.extreme(-weights)[risky[place]]
        width: Floats = most - least
        return width

    def _program(self) -> _Program:
        rows = np.repeat(np.arange(len(self.sums)), [len(cells) for cells, *_ in self.sums])
        cells = np.concatenate([cells for cells, *_ in self.sums])
        signs = np.concatenate([signs for _, signs, *_ in self.sums])
        matrix = csr_matrix((signs, (rows, cells)), shape=(len(self.sums), len(self.most)))
        least = np.array([low for *_, low, _ in self.sums])
        most = np.array([high for *_, high in self.sums])
        return _Program(matrix, least, most, self.most)


@dataclass(frozen=True)
class _Program:
    """The statements as a linear program."""

    matrix: csr_matrix
    least: Floats
    most: Floats
    cell_most: Floats

    def extreme(self, weights: Floats) -> Floats:
        """The cells where their weighted sum is least.

        Raises:
            ArithmeticError: No cells fit all statements, so that a statement is wrong.
        """
        from scipy.sparse import vstack

        found = linprog(
            weights,
            A_ub=vstack([self.matrix, -self.matrix]),
            b_ub=np.concatenate([self.most + SLACK, -self.least + SLACK]),
            bounds=np.column_stack([np.zeros(len(self.cell_most)), self.cell_most]),
            method="highs",
        )
        if found.x is None:
            raise ArithmeticError("the published figures contradict one another by more than their noise")
        cells: Floats = found.x
        return cells
