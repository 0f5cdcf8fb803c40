-- Read only where a build is incremental: depends_on: {{ ref('int_crime__rows_touched') }}
with versions as (
    select * from {{ ref('int_crime__versions_unioned') }}
),

{% if is_touched_build('crime.crime_load_reconciliation') %}
rows_touched as (
    select * from {{ ref('int_crime__rows_touched') }}
),

-- Found by their keys first: the many other columns are read of these rows only.
touched as (
    select *
    from versions
    where socrata_id in (select rows_touched.socrata_id from rows_touched)
)
{% else %}
touched as (
    select * from versions
)
{% endif %}

select * from touched
