"""The cycle that a file's name gives, and none where it could be another number."""

import pytest

from ingestion.sources.pisa.survey.cycles import cycle_in_name


@pytest.mark.parametrize(
    ("name", "cycle"),
    [
        ("CY6_MS_CMB_STU_QQQ.sav", 2015),
        ("cy6_ms_cmb_stu_qq2.sas7bdat", 2015),
        ("CY07_MSU_STU_QQQ.sav", 2018),
        ("CY08MSP_STU_QQQ.SAV", 2022),
        ("CY08MSP_STU_QQQ_CAN.csv", 2022),
        ("CY09_MS_STU_PUF.sav", 2025),
        ("STU_QQQ_SPSS.zip/CY07_MSU_STU_QQQ.sav", 2018),
        ("df_pisa18_selected_raw_codes.csv", 2018),
        ("PISA 2018 students.csv", 2018),
        ("student_subset_2022.csv", 2022),
        ("pisa2015.csv", 2015),
        # An official name goes before the year of the re-release.
        ("CY07_MSU_STU_QQQ_2022.sav", 2018),
        ("students.csv", None),
        ("export_2022-03-01.csv", None),
        ("export_20220301.csv", None),
        ("export.2022.03.01.csv", None),
        ("students_2018_and_2022.csv", None),
        ("students_2019.csv", None),
        ("students_120180.csv", None),
        ("pisa19.csv", None),
        ("fancy07ms.csv", None),
    ],
)
def test_the_name_gives_the_cycle(name: str, cycle: int | None) -> None:
    assert cycle_in_name(name) == cycle
