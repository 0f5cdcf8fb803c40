select
    country_code,
    submissions,
    submissions_weighted,
    mean_years_of_early_education_unweighted,
    mean_years_of_early_education_weighted,
    mean_years_of_early_education_weighted_se,
    mean_belonging_unweighted,
    mean_belonging_weighted,
    mean_belonging_weighted_se
from education.belonging_by_early_education
order by country_code
