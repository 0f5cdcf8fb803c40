select
    country_code,
    country_name,
    continent
from core.dim_country
order by country_code
