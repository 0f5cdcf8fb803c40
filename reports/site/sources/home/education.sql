select
    countries.country_name,
    escs.submissions,
    escs.mean_escs_unweighted,
    total.submissions as submissions_in_all
from education.escs_by_country as escs
inner join core.dim_country as countries on escs.country_code = countries.country_code
cross join education.submissions_total as total
order by escs.submissions desc, countries.country_name
