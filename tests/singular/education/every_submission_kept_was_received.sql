-- The books hold nothing that raw does not: a raw file that was thrown away, or put back from a
-- backup, leaves rows of loads that it does not know. `warehouse build --full-refresh` mends it.
with loads as (
    select * from {{ ref('int_education__loads') }}
),

kept as (
    select load_id from {{ ref('fct_student_submissions') }}

    union all

    select load_id from {{ ref('rejected_submissions') }}

    union all

    select load_id from {{ ref('deleted_submissions') }}
)

select
    load_id,
    count(*) as rows_without_a_load
from kept
where load_id not in (select loads.load_id from loads)
group by load_id
