select
    country_code,
    cast(survey_cycle as varchar) as cycle,
    domain,
    level_number,
    proficiency_level,
    lowest_score,
    share_pct,
    share_pct_se
from education.proficiency_by_country
order by country_code, survey_cycle, domain, level_number
