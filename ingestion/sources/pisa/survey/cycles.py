"""The cycle of the survey that a file's name gives: files may lack the column that says it."""

import re

CYCLES = {1: 2000, 2: 2003, 3: 2006, 4: 2009, 5: 2012, 6: 2015, 7: 2018, 8: 2022, 9: 2025}
# As the survey names its files: CY6_MS_CMB_STU_QQQ, CY07_MSU_STU_QQQ, CY08MSP_STU_QQQ.
OFFICIAL = re.compile(r"(?<![a-z0-9])cy0?(\d)_?ms", re.IGNORECASE)
# pisa18, PISA 2018; a year of its own, which is not the beginning of a date.
SHORT = re.compile(r"pisa[ _-]?(\d\d)(?!\d)", re.IGNORECASE)
YEAR = re.compile(r"(?<!\d)(20\d\d)(?![-_.]?\d)")


def cycle_in_name(file_name: str) -> int | None:
    """Return the year of the cycle; None where the name gives none, or more than one."""
    if official := OFFICIAL.search(file_name):
        return CYCLES.get(int(official[1]))
    years = {2000 + int(found) for found in SHORT.findall(file_name)}
    years |= {int(found) for found in YEAR.findall(file_name)}
    cycles = years & {*CYCLES.values()}
    return cycles.pop() if len(cycles) == 1 else None
