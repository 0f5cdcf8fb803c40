with readings as (
    select * from {{ ref('int_footfall__readings_placed') }}
),

{# Column as the API names it, and as files do; what makes it unfit, and how that is said. The word
   NULL stands for a missing value. #}
{% set is_missing = "coalesce({0}, '') in ('', 'NULL')" %}
{% set calendar_end = "cast('" ~ var('calendar_end_date', '2036-01-01') ~ "' as date)" %}
{% set rules = [
    ('store_name', 'shop', is_missing.format('store_name'), 'missing'),
    (
        'store_name', 'shop',
        "coalesce(store_name, '') not in ('', 'NULL') and time_zone is null",
        'not in the list of stores'
    ),
    ('sensor_id', 'sensor_id', is_missing.format('sensor_id_reported'), 'missing'),
    (
        'sensor_id', 'sensor_id',
        "coalesce(sensor_id_reported, '') not in ('', 'NULL') and coalesce(sensor_id, -1) < 0",
        'not a whole number from 0'
    ),
    ('read_at_local', none, is_missing.format('read_at_local_reported'), 'missing'),
    (
        'read_at_local', none,
        "coalesce(read_at_local_reported, '') not in ('', 'NULL') and read_at_local is null",
        'not a clock hour'
    ),
    (none, 'date', is_missing.format('read_on_reported'), 'missing'),
    (
        none, 'date',
        "coalesce(read_on_reported, '') not in ('', 'NULL') and traffic_date is null",
        'not a day'
    ),
    (none, 'hour', is_missing.format('hour_of_day_reported'), 'missing'),
    (
        none, 'hour',
        "coalesce(hour_of_day_reported, '') not in ('', 'NULL')"
        ~ " and not coalesce(hour_reported between 0 and 23, false)",
        'not 0 to 23'
    ),
    ('read_at_local', 'date', "traffic_date < cast('2001-01-01' as date)", 'before 2001'),
    ('read_at_local', 'hour', 'is_hour_skipped', 'skipped by the clocks'),
    (
        'read_at_local', 'date',
        'coalesce(read_at > ' ~ epoch_text_to_utc('load_id') ~ ', traffic_date >= '
        ~ calendar_end ~ ')',
        'after it was loaded'
    ),
    (none, 'count', is_missing.format('visits_reported'), 'missing'),
    (
        'visits', 'count',
        "visits_reported is not null and visits is null and not (reading_source = 'file' and "
        ~ is_missing.format('visits_reported') ~ ')',
        'not a whole number'
    ),
    ('visits', 'count', 'visits < -2', 'below -2'),
    ('visits', 'count', 'visits = -2', 'the store was not open yet'),
] %}

checked as (
    select
        *,
        nullif(concat_ws(
            '; '
            {%- for in_api, in_file, is_unfit, what in rules %},
            case
                when {% if not in_api %}reading_source = 'file' and {% elif not in_file -%}
                reading_source = 'api' and {% endif %}{{ is_unfit }}
                    then {% if in_api and in_file and in_api != in_file -%}
                    case when reading_source = 'api' then '{{ in_api }}' else '{{ in_file }}' end
                    || ': {{ what }}'
                    {%- else %}'{{ in_api or in_file }}: {{ what }}'{% endif %}
            end
            {%- endfor %}
        ), '') as rejection_reason
    from readings
),

final as (
    select
        *,
        case
            when rejection_reason is null then null
            when reading_source = 'api' then {{ json_row([
                ('store_name', 'store_name'), ('sensor_id', 'sensor_id_reported'),
                ('read_at_local', 'read_at_local_reported'), ('visits', 'visits_reported')
            ]) }}
            else {{ json_row([
                ('date', 'read_on_reported'), ('hour', 'hour_of_day_reported'),
                ('shop', 'store_name'), ('sensor_id', 'sensor_id_reported'),
                ('count', 'visits_reported'), ('units', 'units')
            ]) }}
        end as raw_row
    from checked
)

select * from final
