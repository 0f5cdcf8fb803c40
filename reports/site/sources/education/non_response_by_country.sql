select
    country_code,
    submission_source,
    cast(survey_cycle as varchar) as cycle,
    measure,
    submissions,
    submissions_without_answer,
    non_response_pct,
    mean_weighted,
    mean_weighted_low,
    mean_weighted_high
from education.non_response_by_country
order by country_code, submission_source, survey_cycle, measure
