select
    country_code,
    submissions,
    submissions_weighted,
    mean_learning_hours_unweighted,
    mean_learning_hours_weighted,
    mean_learning_hours_weighted_se
from education.learning_hours_by_country
order by country_code
