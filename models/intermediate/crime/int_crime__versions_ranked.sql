with versions as (
    select
        crime_id,
        source_dataset,
        socrata_id,
        socrata_updated_at,
        socrata_version,
        case_number,
        file_name,
        line_number,
        load_id,
        row_updated_at,
        occurred_at_local
    from {{ ref('int_crime__versions_cleaned') }}
    where rejection_reason is null
),

-- Most crimes have one version: only the others are sorted.
repeated as (
    select crime_id
    from versions
    group by crime_id
    having count(*) > 1
),

ranked as (
    select
        *,
        row_number() over (
            partition by crime_id
            order by
                row_updated_at desc nulls last,
                load_id desc nulls last,
                socrata_version desc nulls last,
                socrata_id desc nulls last
        ) as version_rank,
        row_number() over (
            partition by crime_id, file_name is null
            order by
                row_updated_at desc nulls last,
                load_id desc nulls last,
                socrata_version desc nulls last,
                socrata_id desc nulls last
        ) as rank_in_origin
    from versions
    where crime_id in (select repeated.crime_id from repeated)
),

final as (
    select
        *,
        1 as version_rank,
        1 as rank_in_origin
    from versions
    where crime_id not in (select repeated.crime_id from repeated)

    union all

    select * from ranked
)

select * from final
