select
    country_code,
    cast(survey_cycle as varchar) as cycle,
    domain,
    students,
    mean_score,
    mean_score_se,
    share_below_level_2_pct,
    share_below_level_2_pct_se,
    share_level_5_or_above_pct,
    share_level_5_or_above_pct_se
from education.achievement_by_country
order by country_code, survey_cycle, domain
