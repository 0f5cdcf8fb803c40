{{ config(materialized='incremental', incremental_strategy='append') }}

-- Narrow and numeric, to find all versions of a crime without reading their texts.
with versions as (
    select * from {{ ref('int_crime__versions_unioned') }}
),

loads as (
    select distinct load_id from {{ ref('int_crime__load_states') }}
    where load_state != 'pending'
    {%- if is_incremental() %}
        and load_id not in (
            select indexed.load_id
            from {{ this }} as indexed
            group by indexed.load_id
        )
    {%- endif %}
),

final as (
    select
        source_dataset,
        socrata_id,
        {{ crime_id() }} as crime_id,
        case_number,
        load_id
    from versions
    where load_id in (select loads.load_id from loads)
)

select * from final
