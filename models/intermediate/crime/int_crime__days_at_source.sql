-- Rows without a time of occurrence belong to no day: they are in rejected_crimes.
select
    source_dataset,
    occurred_date,
    rows_at_source,
    checked_at
from {{ ref('stg_chicago_crime__day_counts') }}
where occurred_date is not null
