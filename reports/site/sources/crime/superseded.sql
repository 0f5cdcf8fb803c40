select
    superseded_reason,
    cast(count(*) as integer) as versions
from crime.superseded_crimes
group by superseded_reason
union all
select
    'deleted at the source' as superseded_reason,
    cast(count(*) as integer) as versions
from crime.deleted_crimes
having count(*) > 0
order by versions desc, superseded_reason
