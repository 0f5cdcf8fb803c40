-- Read only where a build is incremental: depends_on: {{ ref('int_crime__rows_touched') }}
with versions as (
    select * from {{ ref('int_crime__versions_unioned') }}
),

-- Found by their keys first: the many other columns are read of these rows only.
touched as (
    select *
    from versions
    {% if is_touched_build() %}
    where socrata_id in (
        select rows_touched.socrata_id from {{ ref('int_crime__rows_touched') }} as rows_touched
    )
    {% endif %}
)

select * from touched
