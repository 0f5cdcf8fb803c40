-- What turned into what, where the values are few.
select
    changed_field,
    coalesce(value_before, '(none)') as value_before,
    coalesce(value_after, '(none)') as value_after,
    cast(count(*) as integer) as changes
from crime.crime_changes
where changed_field in ('is_arrest', 'is_domestic', 'primary_type', 'is_deleted')
group by all
order by changes desc, changed_field, value_before, value_after
