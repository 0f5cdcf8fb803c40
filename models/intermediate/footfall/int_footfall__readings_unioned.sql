with answers as (
    select * from {{ ref('stg_store_sensors__readings') }}
),

deletions as (
    select * from {{ ref('stg_store_sensors__reading_deletions') }}
),

lines as (
    select * from {{ ref('stg_store_sensors__file_readings') }}
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
        cast(null as string) as units,
        cast(null as string) as file_sha256,
        cast(null as string) as file_name,
        cast(null as string) as line_text,
        cast(null as string) as line_problem,
        load_id,
        cast(null as bigint) as line_number,
        sensor_id,
        cast(null as integer) as hour_reported,
        visits,
        visits_of_pair,
        visits_other_hour,
        cast(read_at_local as date) as traffic_date,
        read_at_local,
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
        units,
        file_sha256,
        file_name,
        line_text,
        line_problem,
        load_id,
        line_number,
        sensor_id,
        hour_of_day as hour_reported,
        visits,
        cast(null as bigint) as visits_of_pair,
        cast(null as bigint) as visits_other_hour,
        read_on as traffic_date,
        case
            when hour_of_day between 0 and 23
                then {{ plus_hours('cast(read_on as timestamp)', 'hour_of_day') }}
        end as read_at_local,
        cast(null as {{ type_instant() }}) as detected_at
    from lines
)

select * from unioned
