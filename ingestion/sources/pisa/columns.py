"""The columns that are read of the survey: of its databases and of its files."""

# What is read of some eleven hundred columns.
ANSWERS = ("cnt", "durecec", "belong", "escs", "tmins", "w_fstuwt")

# What a file of students must have, and the weights that it may have.
STUDENT = ("cnt", "cntstuid", "durecec", "belong", "escs", "tmins")
WEIGHTS = ("w_fstuwt", *(f"w_fsturwt{n}" for n in range(1, 81)))
STUDENT_COLUMNS = ("cnt", "cntschid", *STUDENT[1:], *WEIGHTS)
