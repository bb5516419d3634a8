"""Classes of stays, bands of days, and what the registry has seen of silences.

A silence begins with a sign of life and ends with the next one, with a recorded exit, with an entry that proves an
exit nobody recorded, or not at all so far. The classes are no finer than what releases show of purpose and citizenship.
Whom no feed has seen, but who holds a paper, is of a class of papers (`HELD`): silent from the day before the paper on.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray

PURPOSES = ("tourism", "private", "business", "work", "study", "family", "permanent_residence", "transit", "other")
# By nationality of the document: the Eurasian Economic Union, the neighbours in Central Asia who need no visa, others.
NATIONS = {"union": ("ARM", "BLR", "KGZ", "RUS"), "neighbour": ("TJK", "TKM", "UZB"), "other": ()}
# Of whom no complete stay is known: by whether the last sign was given soon after the entry. Of all others: by how long
# they used to stay, for a visitor who has come a hundred times may be silent as long as a resident who has left. Who
# comes for the day or over the border to trade is silent for a week only once gone; who visits may well be here.
# Who has an identification number has come to live here: of the others, silent after a first entry, a third have left.
TENURES = ("new", "known", "fleeting", "brief", "long", "numbered_new", "numbered_known", "numbered_long")
NEW_DAYS, FLEETING_DAYS, BRIEF_DAYS = 14, 3, 20
PAIRS = tuple(f"{p}:{n}" for p in PURPOSES for n in NATIONS)
CLASSES = tuple(f"{pair}:{t}" for pair in PAIRS for t in TENURES)
# A paper is as good as the residence of which it is; the rates of those who came for it stand for its holders.
PAPER, RESIDENCE = "paper", "permanent_residence"
HELD = {f"{PAPER}:{n}:{TENURES[1]}": CLASSES.index(f"{RESIDENCE}:{n}:{TENURES[1]}") for n in NATIONS}
# First day of each band; the days of the first band are those on which the sign is given.
BANDS = (
    *range(9),
    *(10, 12, 15, 20, 27, 35, 46, 61, 76, 91, 106, 121, 151, 181, 241, 301, 366, 456, 551, 731, 1096, 1826),
)
LAST_DAY = 3_650

_CASES = " ".join(
    f"WHEN citizenship IN ({', '.join(repr(state) for state in states)}) THEN '{name}'"
    for name, states in NATIONS.items()
    if states
)
# Residents and workers come as visitors do: a paper that is held says more than the purpose of the entry.
CLASS_OF = f"""CREATE OR REPLACE MACRO
presence.class_of(purpose, paper, citizenship, usual_days, numbered_on, entered_on, first_sign_on, sign_on) AS
  CASE WHEN purpose = 'study' THEN purpose WHEN paper = 'residence' THEN {RESIDENCE!r} WHEN paper = 'labour' THEN 'work'
    WHEN purpose IN ({", ".join(repr(purpose) for purpose in (*PURPOSES, PAPER))}) THEN purpose ELSE 'other' END || ':'
  || CASE {_CASES} ELSE 'other' END || ':'
  || CASE WHEN usual_days <= {FLEETING_DAYS} THEN 'fleeting' WHEN usual_days <= {BRIEF_DAYS} THEN 'brief'
    ELSE if(numbered_on <= sign_on, 'numbered_', '') || CASE WHEN usual_days > {BRIEF_DAYS} THEN 'long'
    WHEN entered_on IS NOT NULL AND sign_on < first_sign_on + {NEW_DAYS} THEN 'new' ELSE 'known' END END"""
SILENCES = """SELECT {column}, ending, least(days, $last) AS days, count(*) FROM intermediate.silence
GROUP BY ALL ORDER BY ALL"""
ABSENCES = """SELECT {column}, came_back, least(days, $last) AS days, count(*) FROM intermediate.absence
GROUP BY ALL ORDER BY ALL"""
# From entry to entry, as the odds of a home count them: signs between two absences are often of no stay.
LOST = """SELECT split_part(class_group, ':', 1) || ':' || split_part(class_group, ':', 2) AS pair,
  coalesce(sum(change) FILTER (ending = 'unrecorded_back'), 0),
  coalesce(sum(change) FILTER (ending = 'recorded_back'), 0)
FROM intermediate.ended_stay_delta GROUP BY ALL ORDER BY ALL"""
MISSED = "SELECT count(*), coalesce(sum(CAST(is_missed AS INTEGER)), 0) FROM intermediate.second_entry"
DELAYS = "SELECT least(days, $last) AS days, count(*) FROM intermediate.exit_delay GROUP BY ALL ORDER BY ALL"
BEGUN = """SELECT count(*),
  presence.class_of(purpose, first_paper, citizenship, NULL, NULL, entered_on, first_sign_on, first_sign_on) AS name
FROM registry.stay_history WHERE known_to_seq IS NULL AND entered_on IS NOT NULL AND NOT is_born_here
GROUP BY ALL ORDER BY ALL"""
# A filing is the first sign on the first day of its paper. Recorded exits stand for those that nobody recorded.
HOLDERS = """SELECT first.entered_on IS NULL AS was_here, count(*), count(*) FILTER (
  first.entered_on IS NULL AND left_on IS NOT NULL
  AND len(list_filter(signs_on, lambda day: day > valid_from AND day < left_on)) = 0)
FROM (
  SELECT person_id, min(valid_from) AS valid_from FROM registry.legal_status_history
  WHERE known_to_seq IS NULL AND status NOT IN ('visa', 'labour_permit', 'citizen') AND basis_feed <> 'labour_permits'
    AND basis_record_id NOT IN (SELECT record_id FROM intermediate.permit_event WHERE permit_type = 'visa')
  GROUP BY person_id
) AS paper JOIN (
  SELECT person_id, first_sign_on, entered_on, left_on, signs_on FROM registry.stay_history WHERE known_to_seq IS NULL
  QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY first_sign_on, last_sign_on, stay_id) = 1
) AS first ON first.person_id = paper.person_id AND first.first_sign_on >= paper.valid_from
GROUP BY ALL ORDER BY ALL"""
ENDINGS = ("sign", "exit", "returned", "open")

Counts = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """What the registry has seen; days are positions, classes in the order of `CLASSES`.

    Attributes:
        silences: Ending, then silences by class and number of days.
        returns: Absences after a recorded exit that ended with a recorded entry, by class and days.
        absences: Absences that have not ended so far, by class and days.
        lost: Stays from entry to entry that ended by an exit nobody recorded, by purpose and nationality (`PAIRS`).
        known: Those that ended by a recorded exit.
        delays: Recorded exits by days from the passage to the report.
        entries: Stays after a recorded exit.
        missed: Those of them whose entry is not recorded.
        begun: Recorded entries by class.
        holders_here: Holders of a paper whose first sign of life since it began was no entry: they had been here.
        holders_left: Those of them whose next sign of life was a recorded exit.
        holders_away: Holders whose first sign of life was an entry.
    """

    silences: dict[str, Counts]
    returns: Counts
    absences: Counts
    lost: Counts
    known: Counts
    delays: Counts
    entries: int
    missed: int
    begun: Counts
    holders_here: int
    holders_left: int
    holders_away: int


def see(connection: duckdb.DuckDBPyConnection, by_habit: bool = True) -> Seen:
    """Counts the silences, absences and delays of the registry as known now.

    Args:
        connection: The registry.
        by_habit: Whether classes know how long a person used to stay and of a number; else all are `new` or `known`.
    """
    given, column = {"last": LAST_DAY}, "presence_class" if by_habit else "plain_class"
    silences = {ending: _empty() for ending in ENDINGS}
    for name, ending, days, number in connection.execute(SILENCES.format(column=column), given).fetchall():
        silences[ending][CLASSES.index(name), days] += number
    returns, absences = _empty(), _empty()
    for name, came_back, days, number in connection.execute(ABSENCES.format(column=column), given).fetchall():
        (returns if came_back else absences)[CLASSES.index(name), days] += number
    lost, known = np.zeros(len(PAIRS)), np.zeros(len(PAIRS))
    for pair, *numbers in connection.execute(LOST).fetchall():
        lost[PAIRS.index(pair)], known[PAIRS.index(pair)] = numbers
    delays = np.zeros(LAST_DAY + 1)
    for days, number in connection.execute(DELAYS, given).fetchall():
        delays[days] += number
    entries, missed = connection.execute(MISSED).fetchall()[0]
    begun = np.zeros(len(CLASSES))
    for number, name in connection.execute(BEGUN).fetchall():
        begun[CLASSES.index(name)] += number
    holders = {here: (number, left) for here, number, left in connection.execute(HOLDERS).fetchall()}
    return Seen(
        *(silences, returns, absences, lost, known, delays, int(entries), int(missed), begun),
        *(*holders.get(True, (0, 0)), holders.get(False, (0, 0))[0]),
    )


def band_of(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Position of the band in which each number of days lies."""
    return np.asarray(np.searchsorted(np.array(BANDS), days, side="right") - 1)


def _empty() -> Counts:
    return np.zeros((len(CLASSES), LAST_DAY + 1))
