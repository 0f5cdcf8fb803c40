"""The columns that are read of the survey: of its databases and of its files."""

# What is read of some eleven hundred columns.
ANSWERS = ("cnt", "durecec", "belong", "escs", "tmins", "w_fstuwt")

# What a file of students must have, its answers, and the weights and scores that it may have. The
# survey of 2022 has class periods (ST059Q02JA) instead of minutes.
STUDENT = ("cnt", "cntstuid", "escs")
WEIGHTS = ("w_fstuwt", *(f"w_fsturwt{n}" for n in range(1, 81)))
# Ten plausible values of each domain: mathematics, reading and science.
PLAUSIBLE_VALUES = tuple(
    f"pv{n}{domain}" for domain in ("math", "read", "scie") for n in range(1, 11)
)
STUDENT_COLUMNS = (
    *("cyc", "cnt", "cntschid", "cntstuid", "stratum"),
    *("durecec", "belong", "escs", "tmins", "st059q02ja"),
    *WEIGHTS,
    *PLAUSIBLE_VALUES,
)
