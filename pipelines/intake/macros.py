"""SQL macros by which one text becomes one value, or NULL where it cannot.

A macro's argument is laid out, with every pattern in it, as often as it is named: a list of one names it once.

What a column does with its value, and how a failed cast is reported, stands in `casting`.
"""

from __future__ import annotations

from pipelines.storage.database import ZONE, quoted

NO_BREAK = r"\x{00a0}"
UNSEEN = r"\x{00ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}\x{feff}"
INVISIBLE = f"[{NO_BREAK}{UNSEEN}]"
# Cyrillic in UTF-8 that was read as Windows-1252 or 1251: twice in one text the first byte of a letter as a letter,
# followed by a character that never stands there.
PAIR = (
    r"[ÐÑÒÓРСТУ][\x{0080}-\x{009f}\x{00a1}-\x{00ac}\x{00ae}-\x{00bf}"
    r"\x{201a}\x{201e}\x{2020}-\x{2022}\x{2026}\x{2030}\x{2039}\x{203a}\x{20ac}\x{2122}]"
)
TWICE = rf"{PAIR}[^\n]*{PAIR}"
UPPER_BYTES = "".join(map(chr, range(128, 256)))
READ_AS = {
    name: "".join(bytes([byte]).decode(name, errors="ignore") or chr(byte) for byte in range(128, 256))
    for name in ("cp1252", "cp1251")
}
PLAIN = r"[\x20-\x7e\x{0400}-\x{052f}]*"
LOOK_ALIKES = ("АВЕКМНОРСТУХІЅЈ", "ABEKMHOPCTYXISJ")
SYMBOLS_OF_ZONE = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FIRST_WEIGHTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
SECOND_WEIGHTS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
ONE_ZONE_SINCE = 1_709_233_200_000_000  # 1 March 2024, 00:00 at UTC+5, in microseconds
FIVE_HOURS = 5 * 3600 * 1_000_000


def _weighed(weights: tuple[int, ...]) -> str:
    """SQL for the weighted sum, modulo 11, of the first eleven digits of the twelve-digit number `n`."""
    return "(" + " + ".join(f"n // {10 ** (11 - place)} % 10 * {w}" for place, w in enumerate(weights)) + ") % 11"


MACROS = rf"""
CREATE OR REPLACE TEMP MACRO written_back(x, seen) AS TRY(decode(unhex(array_to_string(
  list_transform(string_split(translate(x, seen, '{UPPER_BYTES}'), ''),
    lambda c: CASE WHEN ord(c) < 256 THEN printf('%02x', ord(c)) ELSE 'none' END), ''))));
CREATE OR REPLACE TEMP MACRO encoded_once(x) AS CASE
  WHEN regexp_full_match(written_back(x, {quoted(READ_AS["cp1252"])}), '{PLAIN}') THEN
    written_back(x, {quoted(READ_AS["cp1252"])})
  WHEN regexp_full_match(written_back(x, {quoted(READ_AS["cp1251"])}), '{PLAIN}') THEN
    written_back(x, {quoted(READ_AS["cp1251"])})
  ELSE x END;
CREATE OR REPLACE TEMP MACRO tidied(x) AS
  nullif(trim(regexp_replace(replace(nfc_normalize(x), chr(160), ' '), '[{UNSEEN}]', '', 'g')), '');
CREATE OR REPLACE TEMP MACRO cleaned(x) AS
  tidied(CASE WHEN regexp_matches(x, '{TWICE}') THEN encoded_once(x) ELSE x END);
CREATE OR REPLACE TEMP MACRO latin_of(x) AS CASE
  WHEN regexp_full_match(x, '[{LOOK_ALIKES[0]}{LOOK_ALIKES[0].lower()}[:ascii:]]*')
    THEN translate(upper(x), '{LOOK_ALIKES[0]}', '{LOOK_ALIKES[1]}') ELSE x END;
CREATE OR REPLACE TEMP MACRO day_of(x) AS
  CASE WHEN strlen(x) >= 10 AND substr(x, 5, 1) = '-'
    AND (strlen(x) = 10 OR list_contains([' 00:00:00', 'T00:00:00'], substr(x, 11)))
    THEN TRY_CAST(substr(x, 1, 10) AS DATE)
    WHEN regexp_full_match(x, '(19|20)\d{{6}}') THEN CAST(TRY_STRPTIME(x, '%Y%m%d') AS DATE) END;
CREATE OR REPLACE TEMP MACRO clock_at(place) AS coalesce(getvariable('clock')[place],
  CASE WHEN strlen(place) = 9 THEN getvariable('clock')[place[:2]] END, '{ZONE}');
CREATE OR REPLACE TEMP MACRO usual_moment_of(x) AS
  CASE WHEN x >= '2024-03-01' AND regexp_full_match(x, '\d{{4}}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\+05:00)?')
    THEN make_timestamptz(epoch_us(TRY_CAST(x AS TIMESTAMP)) - {FIVE_HOURS}) END;
CREATE OR REPLACE TEMP MACRO stamp_of(x) AS coalesce(TRY_CAST(x AS TIMESTAMPTZ), CASE
  WHEN regexp_full_match(x, '.{{10}}[T ]([01]\d|2[0-3]):\d\d(Z|[+-].*)') THEN
    TRY_CAST(substr(x, 1, 16) || ':00' || substr(x, 17) AS TIMESTAMPTZ)
  WHEN regexp_matches(x, '[T ]24:00(:00)?') THEN
    TRY_CAST(regexp_replace(x, '([T ])24:00(:00)?', '\100:00:00') AS TIMESTAMPTZ) + INTERVAL 1 DAY
  WHEN regexp_matches(x, ':60(\D|$)') THEN
    TRY_CAST(regexp_replace(x, ':60(\D|$)', ':59\1') AS TIMESTAMPTZ) + INTERVAL 1 SECOND END);
CREATE OR REPLACE TEMP MACRO local_moment_of(x, zone) AS
  list_transform([stamp_of(x)], lambda s: CASE WHEN regexp_matches(x, '[T ][\d:.]+$')
    THEN timezone(zone, timezone('{ZONE}', s)) ELSE s END)[1];
CREATE OR REPLACE TEMP MACRO extended_of(x) AS CASE
  WHEN regexp_full_match(x, '\d{{4}}-\d\d-\d\d[Tt][\d:.,]{{5,}}([Zz]|[+-][\d:]+)?') THEN replace(upper(x), ',', '.')
  WHEN regexp_full_match(x, '(19|20)\d{{6}}[Tt]\d{{4}}(\d\d([.,]\d+)?)?([Zz]|[+-]\d\d(:?\d\d)?)?') THEN regexp_replace(
    regexp_replace(replace(upper(x), ',', '.'), '^(....)(..)(..)T(..)(..)', '\1-\2-\3T\4:\5'), '(:..)(\d)', '\1:\2')
  END;
CREATE OR REPLACE TEMP MACRO moment_of(x, zone) AS coalesce(
  CASE WHEN strlen(x) >= 16 AND substr(x, 5, 1) = '-' THEN coalesce(usual_moment_of(x), local_moment_of(x, zone)) END,
  CASE WHEN strlen(x) >= 13 THEN list_transform([extended_of(x)], lambda t: local_moment_of(t, zone))[1] END);
CREATE OR REPLACE TEMP MACRO hour_came_twice(x, moment, zone) AS
  CASE WHEN epoch_us(moment) < {ONE_ZONE_SINCE} AND regexp_matches(x, '[Tt ][\d:.,]+$') THEN list_contains(
    [timezone(zone, moment - INTERVAL 1 HOUR), timezone(zone, moment + INTERVAL 1 HOUR)], timezone(zone, moment)) END;
CREATE OR REPLACE TEMP MACRO day_at(moment, zone) AS CASE
  WHEN epoch_us(moment) >= {ONE_ZONE_SINCE} THEN CAST(make_timestamp(epoch_us(moment) + {FIVE_HOURS}) AS DATE)
  ELSE CAST(timezone(zone, moment) AS DATE) END;
CREATE OR REPLACE TEMP MACRO digits_of_date(x) AS CASE
  WHEN regexp_full_match(x, '\d{{4}}') THEN x
  WHEN regexp_full_match(x, '\d{{4}}(<+|-00(-00)?)') THEN substr(x, 1, 4)
  WHEN regexp_full_match(x, '\d{{4}}-\d\d(-00)?') THEN substr(x, 1, 7)
  WHEN regexp_full_match(x, '\d{{6}}<<') THEN substr(x, 1, 4) || '-' || substr(x, 5, 2)
  WHEN regexp_full_match(x, '(19|20)\d{{6}}') THEN substr(x, 1, 4) || '-' || substr(x, 5, 2) || '-' || substr(x, 7, 2)
  WHEN day_of(x) IS NOT NULL THEN substr(x, 1, 10) END;
CREATE OR REPLACE TEMP MACRO first_day_of(x) AS TRY_CAST(x || substr('-01-01', strlen(x) - 3) AS DATE);
CREATE OR REPLACE TEMP MACRO partial_of(x) AS CASE
  WHEN strlen(x) = 10 AND substr(x, 5, 1) = '-' AND TRY_CAST(x AS DATE) IS NOT NULL THEN x
  ELSE list_filter([digits_of_date(x)], lambda d: year(first_day_of(d)) > 0)[1] END;
CREATE OR REPLACE TEMP MACRO year_in_two_digits(x) AS
  CASE WHEN strlen(x) = 6 THEN regexp_full_match(x, '\d\d(\d\d|<<)<<') ELSE false END;
CREATE OR REPLACE TEMP MACRO partial_before(x, latest) AS CASE
  WHEN NOT year_in_two_digits(x) THEN partial_of(x)
  WHEN CAST(x[:2] AS INTEGER) <= year(latest) % 100 THEN NULL
  WHEN x[3] = '<' THEN '19' || x[:2]
  WHEN x[3:4] BETWEEN '01' AND '12' THEN '19' || x[:2] || '-' || x[3:4] END;
CREATE OR REPLACE TEMP MACRO impossible_day(x) AS
  regexp_full_match(x, '\d{{4}}-\d\d(-\d\d)?|\d{{6}}<<|(19|20)\d{{6}}|0+([-./]0+)*')
  OR (regexp_full_match(x, '\d\d[./]\d\d[./]\d{{4}}') AND TRY_STRPTIME(replace(x, '/', '.'), '%d.%m.%Y') IS NULL
      AND TRY_STRPTIME(replace(x, '/', '.'), '%m.%d.%Y') IS NULL);
CREATE OR REPLACE TEMP MACRO truth_of(x) AS CASE
  WHEN list_contains(['true', '1', 'yes'], lower(x)) THEN true
  WHEN list_contains(['false', '0', 'no'], lower(x)) THEN false END;
CREATE OR REPLACE TEMP MACRO items_of(x) AS list_filter(
  CASE WHEN x[1] = '[' THEN TRY_CAST(x AS JSON)::VARCHAR[]
    ELSE list_transform(string_split(x, ';'), lambda s: trim(s)) END, lambda s: s <> '');
CREATE OR REPLACE TEMP MACRO checked(n) AS CASE {_weighed(FIRST_WEIGHTS)}
  WHEN n % 10 THEN true WHEN 10 THEN {_weighed(SECOND_WEIGHTS)} = n % 10 ELSE false END;
CREATE OR REPLACE TEMP MACRO check_digit_holds(x, n) AS CASE
  WHEN regexp_full_match(x, '\d{{12}}') THEN checked(n) ELSE false END;
CREATE OR REPLACE TEMP MACRO century_of(x) AS CASE
  WHEN x[7] IN ('1', '2') THEN '18' WHEN x[7] IN ('3', '4') THEN '19' WHEN x[7] IN ('5', '6') THEN '20' END;
CREATE OR REPLACE TEMP MACRO iin_tells_day(n, first) AS
  n // 1000000 = year(first) % 100 * 10000 + month(first) * 100 + day(first)
  AND (n // 100000 % 10 NOT BETWEEN 1 AND 6 OR (n // 100000 % 10 + 1) // 2 + 17 = year(first) // 100);
CREATE OR REPLACE TEMP MACRO iin_tells_part(x, born) AS
  coalesce(substr(replace(born, '-', ''), 3, 6) = substr(x, 1, strlen(replace(born, '-', '')) - 2), true)
  AND coalesce(born[:2] = century_of(x), true);
CREATE OR REPLACE TEMP MACRO iin_agrees(x, n, born, first, sex) AS
  CASE WHEN strlen(born) = 10 THEN iin_tells_day(n, first) ELSE iin_tells_part(x, born) END
  AND (sex IS NULL OR n // 100000 % 10 NOT BETWEEN 1 AND 6 OR (sex = 'M') = (n // 100000 % 2 = 1));
CREATE OR REPLACE TEMP MACRO zone_sum(x) AS list_sum(list_transform(string_split(x, ''),
  lambda c, n: [1, 7, 3][n % 3 + 1] * greatest(strpos('{SYMBOLS_OF_ZONE}', c) - 1, 0))) % 10;
CREATE OR REPLACE TEMP MACRO zone_parts(x) AS CASE
  WHEN length(x) = 92 THEN [x[6:15], x[32:38], x[40:46], x[6:30] || x[32:38] || x[40:46] || x[50:61]]
  WHEN length(x) NOT IN (73, 89) THEN ['no zone']
  WHEN x[1] = 'V' THEN [x[-44:-35], x[-31:-25], x[-23:-17]]
  WHEN length(x) = 73 THEN [x[38:47], x[51:57], x[59:65], x[38:47] || x[51:57] || x[59:73]]
  ELSE [x[46:55], x[59:65], x[67:73], x[74:88], x[46:55] || x[59:65] || x[67:89]] END;
CREATE OR REPLACE TEMP MACRO zone_holds(x) AS CASE WHEN x IS NOT NULL THEN len(list_filter(zone_parts(x),
  lambda part: part[-1] <> '<' AND part[-1] <> CAST(zone_sum(part[:-2]) AS VARCHAR))) = 0 END;
"""
