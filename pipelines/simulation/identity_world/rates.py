"""How harsh the world is: the shares of what makes identity hard.

The shares are chosen, not measured: they are what the centre promises to bear. Lists of names and letters do not belong
here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rates:
    """Shares of persons, of source entries or of records; every share is between 0 and 1.

    An entry is one way in which one source holds a person; a record repeats an entry.

    Attributes:
        no_shared_document: Persons whose sources never show one document twice. With those who come to it by renewals
            and slips, 30 % of the persons with several observations share no document among them.
        cross_script: Persons whose entries are in two scripts or more.
        partial_birth: Persons whose papers know the year or the month of birth alone.
        partial_entry: Entries of these persons after the first that show it so; the rest show a whole date.
        first_of_january: Partial entries that are filled with the first day of the year.
        birth_slip: Entries with day and month turned, or a digit of the date beside the right one.
        number_slip: Entries with another digit in the document's number.
        spaced: Entries that write a document's number in two groups.
        typing: Records with a slip of typing in a name.
        twins: Persons who are twins: one birth date, surname and father, documents in a row.
        alike_twins: Twins of one sex.
        siblings: Persons who are siblings, born apart.
        namesakes: Persons who share surname, given name, sex, citizenship and birth date with another family's child.
        in_parents_passport: Persons who are a parent or a child that travels in the parent's passport.
        reused_number: Persons whose first document has the number of one of another state.
        changed_citizenship: Persons who change their citizenship.
        married: Women who change their surname.
        former_names: Entries after the change that show the former surname.
        with_iin: Persons who have an IIN.
        iin_shown: Entries of these persons that show it.
        wrong_iin: Entries with an IIN that show one of somebody else, or with a wrong digit, half each.
        no_document: Entries without a document, beside the first two of who shares one; twice as many of who does not.
        renewed: Entries after these two that show another document than the entry before.
        other_ending: Entries with the other ending of the surname, where it has one.
        other_spelling: Entries that do not follow the usual spelling of their script.
        swapped: Entries with surname and given names in each other's place.
        merged: Entries with the whole name in the field for the surname.
        whole: Entries with one field for the whole name.
        no_patronymic: Entries that leave the patronymic out.
        no_sex: Entries without sex.
        no_birth_country: Entries without country of birth.
        capitals: Entries in capital letters, beside those of passports, which always are.
        repeats: Further records of an entry, on average.
    """

    no_shared_document: float = 0.27
    cross_script: float = 0.40
    partial_birth: float = 0.10
    partial_entry: float = 0.70
    first_of_january: float = 0.20
    birth_slip: float = 0.005
    number_slip: float = 0.003
    spaced: float = 0.03
    typing: float = 0.05
    twins: float = 0.01
    alike_twins: float = 0.70
    siblings: float = 0.02
    namesakes: float = 0.000_2
    in_parents_passport: float = 0.01
    reused_number: float = 0.01
    changed_citizenship: float = 0.01
    married: float = 0.08
    former_names: float = 0.25
    with_iin: float = 0.25
    iin_shown: float = 0.60
    wrong_iin: float = 0.002
    no_document: float = 0.12
    renewed: float = 0.25
    other_ending: float = 0.03
    other_spelling: float = 0.35
    swapped: float = 0.01
    merged: float = 0.005
    whole: float = 0.10
    no_patronymic: float = 0.35
    no_sex: float = 0.02
    no_birth_country: float = 0.15
    capitals: float = 0.25
    repeats: float = 0.95
