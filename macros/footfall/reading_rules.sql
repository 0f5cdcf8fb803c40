{# Why a reading is rejected; see rejection_reason(). The word NULL stands for a missing value. More
   than a million people do not pass a door in an hour, and sums of such numbers overflow. Units that
   are missing are visits: a sensor that failed gives none.

   Each rule is listed with the column's name in the API and in files (none where the rule is not
   for rows of that source), the condition and what is wrong. #}
{% macro reading_rules() -%}
    {%- set is_missing = "coalesce({0}, '') in ('', 'NULL')" -%}
    {%- set is_there = "coalesce({0}, '') not in ('', 'NULL') and " -%}
    {%- set no_timestamp = 'read_at_local_reported is null and ' -%}
    {%- set calendar_end = "cast('" ~ var('calendar_end_date', '2036-01-01') ~ "' as date)" -%}
    {%- set rules = [] -%}
    {%- for in_api, in_file, condition, what in [
        ('store_name', 'shop', is_missing.format('store_name'), 'missing'),
        (
            'store_name', 'shop',
            is_there.format('store_name') ~ 'time_zone is null',
            'not in the list of stores'
        ),
        ('sensor_id', 'sensor_id', is_missing.format('sensor_id_reported'), 'missing'),
        (
            'sensor_id', 'sensor_id',
            is_there.format('sensor_id_reported') ~ 'coalesce(sensor_id, -1) < 0',
            'not a whole number from 0'
        ),
        ('read_at_local', none, is_missing.format('read_at_local_reported'), 'missing'),
        (
            'read_at_local', 'timestamp',
            is_there.format('read_at_local_reported') ~ 'read_at_local is null',
            'not a clock hour'
        ),
        (
            none, 'timestamp',
            'read_at_local_reported is not null and '
            ~ is_missing.format('read_at_local_reported'),
            'missing'
        ),
        (none, 'date', no_timestamp ~ is_missing.format('read_on_reported'), 'missing'),
        (
            none, 'date',
            is_there.format('read_on_reported') ~ 'traffic_date is null',
            'not a day'
        ),
        (none, 'hour', no_timestamp ~ is_missing.format('hour_of_day_reported'), 'missing'),
        (
            none, 'hour',
            is_there.format('hour_of_day_reported')
            ~ 'not coalesce(hour_reported between 0 and 23, false)',
            'not 0 to 23'
        ),
        ('read_at_local', 'date', "traffic_date < cast('2001-01-01' as date)", 'before 2001'),
        ('read_at_local', 'hour', 'coalesce(is_hour_skipped, false)', 'skipped by the clocks'),
        (
            'read_at_local', 'date',
            'coalesce(read_at > ' ~ epoch_text_to_utc('load_id') ~ ', traffic_date >= '
            ~ calendar_end ~ ')',
            'after it was loaded'
        ),
        (
            none, 'units',
            "lower(trim(coalesce(units, ''))) not in ('', 'null', 'visits')",
            'not visits'
        ),
        (none, 'count', is_missing.format('visits_reported'), 'missing'),
        (
            none, 'count',
            is_there.format('visits_reported') ~ 'visits is null',
            'not a whole number'
        ),
        (
            'visits', none,
            'visits_reported is not null and visits is null'
            ~ ' and not coalesce(is_hour_repeated'
            ~ ' and least(visits_of_pair, visits_other_hour) >= -1'
            ~ ' and greatest(visits_of_pair, visits_other_hour) <= 1000000, false)',
            'not a whole number'
        ),
        ('visits', 'count', 'visits < -2', 'below -2'),
        ('visits', 'count', 'visits > 1000000', 'above 1000000'),
        ('visits', 'count', 'visits = -2', 'the store was not open yet'),
    ] -%}
    {%- do rules.append((
        reading_column(in_api, in_file) ~ " || ': " ~ what ~ "'",
        only_from(in_api, in_file) ~ condition
    )) -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}


{# The condition that a row is from a source that has the column; empty where both have it. #}
{% macro only_from(in_api, in_file) -%}
    {%- if not in_api %}reading_source = 'file' and {% endif -%}
    {%- if not in_file %}reading_source = 'api' and {% endif -%}
{%- endmacro %}


{# The column's name in the row's own source, as SQL. #}
{% macro reading_column(in_api, in_file) -%}
    {%- if in_api and in_file and in_api != in_file -%}
    case when reading_source = 'api' then '{{ in_api }}' else '{{ in_file }}' end
    {%- else -%}
    '{{ in_api or in_file }}'
    {%- endif -%}
{%- endmacro %}


{# The row as received, under the API's names. #}
{% macro raw_answer() -%}
    {{ json_row([
        ('store_name', 'store_name'), ('sensor_id', 'sensor_id_reported'),
        ('read_at_local', 'read_at_local_reported'), ('visits', 'visits_reported')
    ]) }}
{%- endmacro %}


{# The row as received, under a file's names. #}
{% macro raw_line() -%}
    {{ json_row([
        ('date', 'coalesce(read_on_reported, read_at_local_reported)'),
        ('hour', 'hour_of_day_reported'), ('shop', 'store_name'),
        ('sensor_id', 'sensor_id_reported'), ('count', 'visits_reported'), ('units', 'units')
    ]) }}
{%- endmacro %}
