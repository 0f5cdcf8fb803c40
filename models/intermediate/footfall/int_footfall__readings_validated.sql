{{ config(materialized='table') }}

with readings as (
    select * from {{ ref('int_footfall__readings_enriched') }}
),

-- A reading that was deleted at the source is not rejected as well.
validated as (
    select
        *,
        case
            when line_problem is not null then {{ line_rejected() }}
            when detected_at is null then {{ rejection_reason(reading_rules()) }}
        end as rejection_reason
    from readings
),

{# The key and typed values of each row are kept, and the text of rejected rows. #}
final as (
    select
        reading_source,
        store_name,
        sensor_id_reported,
        case when read_at_local is null then read_at_local_reported end as read_at_local_reported,
        file_sha256,
        file_name,
        load_id,
        rejection_reason,
        case
            when rejection_reason is null then null
            when line_problem is not null then line_text
            when reading_source = 'api' then {{ raw_answer() }}
            else {{ raw_line() }}
        end as raw_row,
        line_number,
        sensor_id,
        case when is_hour_repeated then coalesce(visits, visits_of_pair) else visits end as visits,
        case when is_hour_repeated then visits_other_hour end as visits_other_hour,
        is_hour_repeated,
        traffic_date,
        read_at_local,
        read_at_reported,
        detected_at
    from validated
)

select * from final
