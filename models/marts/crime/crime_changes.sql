{{ config(materialized='incremental', unique_key='crime_id') }}

{% set fields = watched_fields() %}

with pairs as (
    select * from {{ ref('int_crime__versions_paired') }}
),

ordered as (
    select * from {{ ref('int_crime__versions_numbered') }}
),

superseded as (
    select * from {{ ref('int_crime__versions_superseded') }}
),

changed_fields as (
    {%- for field in fields %}
    select
        crime_id,
        version_number,
        '{{ field }}' as changed_field,
        occurred_date,
        changed_at,
        {{ field }}_before as value_before,
        {{ field }}_after as value_after,
        source_dataset,
        load_id
    from pairs
    where {{ field }}_before is distinct from {{ field }}_after
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

deletions as (
    select
        superseded.crime_id,
        cast(max(ordered.version_number) + 1 as bigint) as version_number,
        'is_deleted' as changed_field,
        cast(superseded.occurred_at_local as date) as occurred_date,
        superseded.detected_at as changed_at,
        'false' as value_before,
        'true' as value_after,
        superseded.source_dataset,
        superseded.load_id
    from superseded
    inner join ordered
        on superseded.crime_id = ordered.crime_id
    where superseded.superseded_reason = 'deleted at the source'
    group by all
),

final as (
    select * from changed_fields

    union all

    select * from deletions
),

affected as ( -- noqa: ST03
    select distinct crime_id from {{ ref('int_crime__versions_cleaned') }}
    where crime_id is not null
)

{{ rows_of_affected('affected', 'final', ['crime_id']) }}
