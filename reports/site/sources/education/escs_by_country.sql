select
    country_code,
    submissions,
    submissions_weighted,
    mean_escs_unweighted,
    mean_escs_weighted,
    mean_escs_weighted_se,
    survey_cycle
from education.escs_by_country
order by country_code
