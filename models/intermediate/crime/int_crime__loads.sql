with crimes as (
    select * from {{ ref('stg_chicago_crime__crimes') }}
),

crimes_last_year as (
    select * from {{ ref('stg_chicago_crime__crimes_last_year') }}
),

deletions as (
    select * from {{ ref('stg_chicago_crime__crime_deletions') }}
),

received as (
    select
        load_id,
        'ijzp-q8t2' as source_dataset,
        cast(count(*) as bigint) as rows_received,
        cast(0 as bigint) as deletions_received
    from crimes
    group by all

    union all

    select
        load_id,
        'x2n5-8w5q' as source_dataset,
        cast(count(*) as bigint) as rows_received,
        cast(0 as bigint) as deletions_received
    from crimes_last_year
    group by all

    union all

    select
        load_id,
        source_dataset,
        cast(0 as bigint) as rows_received,
        cast(count(*) as bigint) as deletions_received
    from deletions
    group by all
),

final as (
    select
        load_id,
        source_dataset,
        cast(sum(rows_received) as bigint) as rows_received,
        cast(sum(deletions_received) as bigint) as deletions_received
    from received
    group by all
)

select * from final
