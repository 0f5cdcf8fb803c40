{{
    config(
        materialized='incremental',
        incremental_strategy='replace_touched',
        unique_key=['source_dataset', 'socrata_id', 'socrata_updated_at', 'socrata_version'],
        on_schema_change='fail',
        meta={'touched_in': 'int_crime__versions_cleaned'}
    )
}}

with versions as (
    select * from {{ ref('int_crime__versions_cleaned') }}
),

final as (
    select
        {{ surrogate_key(
            ['source_dataset', 'socrata_id', 'socrata_updated_at', 'socrata_version']
        ) }} as version_key,
        crime_id,
        source_dataset,
        socrata_id,
        socrata_updated_at,
        socrata_version,
        rejection_reason as reason,
        raw_row,
        load_id,
        cast(occurred_at_local as date) as occurred_date
    from versions
    where rejection_reason is not null
)

select * from final
