select
    superseded_reason,
    cast(count(*) as integer) as versions
from crime.superseded_crimes
group by superseded_reason
order by versions desc, superseded_reason
