with versions as (
    select * from {{ ref('int_crime__versions_unioned') }}
),

rows_affected as (
    select * from {{ ref('int_crime__rows_affected') }}
),

-- Selected by key first, so that the many other columns are read for these rows only.
affected as (
    select *
    from versions
    where (socrata_id, load_id) in (
        select
            rows_affected.socrata_id,
            rows_affected.load_id
        from rows_affected
    )
)

select * from affected
