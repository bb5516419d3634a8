"""A year of communities as agencies deliver it, in which each event of a life happens to one of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from tests.publication.published_world import crossing, deliver, night

Rows = dict[str, list[dict[str, Any]]]
PEOPLE = ("271000000", "391000000", "471000000", "551000000", "111000000", "631000000", "351000000", "191000000")
SYLLABLES = ("Ba", "De", "Ki", "Lo", "Mu", "Ra", "Se", "Ti", "Vo", "Zu", "Na", "Pe", "Go", "Hi", "Ja", "Qu")
FIRST, LAST = "2021-12-03", "2022-12-31"
GROWING, SHRINKING = "273200000", "392400000"
LEFT, TAKEN = "473600000", "474200000"
WHOLE, HALF = "551600000", "113200000"
ENDING, COMING = "433200000", "111800000"
# Behind the border that was drawn on 8 June 2022.
FORMER_REGION, REGION, DISTRICT = "350000000", "620000000", "621000000"


def people(citizenship: str, number: int) -> list[dict[str, Any]]:
    """Identities of so many citizens of one state."""
    start = sum(map(ord, citizenship))
    return [
        {
            "surname": "".join(SYLLABLES[(start + of // 16**place) % 16] for place in range(3)).upper(),
            "given_names": SYLLABLES[of * 5 % 16] + SYLLABLES[of // 3 % 16].lower(),
            "birth_date": f"{1960 + of % 40}-{1 + of % 12:02d}-{1 + of % 27:02d}",
            "sex": "MF"[of % 2],
            "citizenship": citizenship,
            "birth_country": citizenship,
            "document_type": "P",
            "document_number": f"{citizenship}{100_000 + of}",
            "document_state": citizenship,
        }
        for of in range(number)
    ]


def notices(persons: list[dict[str, Any]], day: str, kato: str, action: str = "arrived") -> list[dict[str, Any]]:
    """One notice for each, three to an address."""
    return [
        person
        | {
            "notification_id": f"{day} {person['document_number']}",
            "action": action,
            "reported_at": f"{day}T12:00:00+05:00",
            "stay_from": day,
            "stay_until": "2023-12-31",
            "kato": kato,
            "host_type": "person",
            "address": f"{kato} {person['citizenship']} {number // 3}",
        }
        for number, person in enumerate(persons)
    ]


def exits(persons: list[dict[str, Any]], day: str) -> list[dict[str, Any]]:
    """Who leaves the country on a day."""
    return [crossing(f"X {one['document_number']}", day, "exit", one["document_number"], **one) for one in persons]


def load(home: Path) -> None:
    """Delivers the year and loads it in one night."""
    notified: Rows = {FIRST: []}
    for state in ("UZB", "RUS"):
        many = people(state, 400)
        for number, kato in enumerate(PEOPLE):
            notified[FIRST] += notices(many[50 * number : 50 * (number + 1)], FIRST, kato)
    kyrgyz, tajik, chinese, turks = people("KGZ", 180), people("TJK", 200), people("CHN", 310), people("TUR", 260)
    indian = people("IND", 130)
    notified[FIRST] += notices(kyrgyz[:120], FIRST, GROWING) + notices(tajik, FIRST, SHRINKING)
    notified[FIRST] += notices(chinese[:150], FIRST, LEFT) + notices(chinese[150:], FIRST, TAKEN)
    notified[FIRST] += notices(turks, FIRST, WHOLE) + notices(indian, FIRST, ENDING)
    notified[FIRST] += notices(people("GEO", 180), FIRST, DISTRICT)
    notified["2022-03-04"] = notices(people("AFG", 130), "2022-03-04", COMING)
    notified["2022-04-05"] = notices(kyrgyz[120:], "2022-04-05", GROWING)
    notified["2022-05-04"] = notices(turks[:140], "2022-05-04", HALF, "moved")
    notified["2022-07-05"] = notices(chinese[:150], "2022-07-05", TAKEN, "moved")
    left: Rows = {"2022-05-05": exits(tajik[:90], "2022-05-05"), "2022-06-15": exits(indian, "2022-06-15")}
    left |= {day: [crossing(f"E {day}", day, "entry", f"BLR{day[:4]}")] for day in ("2021-12-01", LAST)}
    for feed, found in (("stay_notifications", notified), ("border_crossings", left)):
        for day, rows in found.items():
            deliver(home, feed, date.fromisoformat(day), rows)
    night(home, 1, publishes=False)
