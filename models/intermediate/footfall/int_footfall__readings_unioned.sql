{%- set only_in_files = ['units', 'file_sha256', 'file_name', 'line_text', 'line_problem'] -%}
with answers as (
    select * from {{ ref('stg_store_sensors__readings') }}
),

deletions as (
    select * from {{ ref('stg_store_sensors__reading_deletions') }}
),

file_lines as (
    select * from {{ ref('stg_store_sensors__file_readings') }}
),

stores as (
    select * from {{ ref('int_footfall__stores') }}
),

lines as (
    select
        file_lines.*,
        {{ line_local_time('file_lines', 'stores.time_zone') }} as local_time
    from file_lines
    left join stores on file_lines.store_name = stores.store_name
),

-- A deletion applies to the answer that was loaded before it, not to one that came back later.
answers_marked as (
    select
        answers.*,
        deletions.detected_at
    from answers
    left join deletions
        on
            answers.store_name = deletions.store_name
            and answers.sensor_id_reported = deletions.sensor_id_reported
            and answers.read_at_local_reported = deletions.read_at_local_reported
            and answers.load_id <= deletions.load_id
),

unioned as (
    select
        'api' as reading_source,
        store_name,
        sensor_id_reported,
        read_at_local_reported,
        cast(null as string) as read_on_reported,
        cast(null as string) as hour_of_day_reported,
        visits_reported,
        {%- for name in only_in_files %}
        cast(null as string) as {{ name }},
        {%- endfor %}
        load_id,
        cast(null as bigint) as line_number,
        sensor_id,
        cast(null as integer) as hour_reported,
        visits,
        visits_of_pair,
        visits_other_hour,
        cast(read_at_local as date) as traffic_date,
        read_at_local,
        cast(null as {{ type_instant() }}) as read_at_reported,
        detected_at
    from answers_marked

    union all

    select
        'file' as reading_source,
        store_name,
        sensor_id_reported,
        read_at_local_reported,
        read_on_reported,
        hour_of_day_reported,
        visits_reported,
        {{ only_in_files | join(',\n        ') }},
        load_id,
        line_number,
        sensor_id,
        hour_of_day as hour_reported,
        visits,
        cast(null as bigint) as visits_of_pair,
        cast(null as bigint) as visits_other_hour,
        coalesce(read_on, cast(local_time as date)) as traffic_date,
        case
            when local_time = {{ dbt.date_trunc('hour', 'local_time') }} then local_time
        end as read_at_local,
        read_at_reported,
        cast(null as {{ type_instant() }}) as detected_at
    from lines
)

select * from unioned
