{% set by = ['store_name', 'traffic_date'] %}
{% set api_loads -%}
    load_id in (
        select api_loads.load_id from {{ ref('int_footfall__loads') }} as api_loads
        where api_loads.reading_source = 'api'
    )
{%- endset %}

{# The API does not count what a sensor answers for the time before the store opened. #}
{{ counted_rows(
    by,
    {
        'rows_in_warehouse': rows_by(
            by, ref('sensor_traffic_hourly'), rows='sum(readings_valid + readings_failed)',
            where="reading_status != 'not_received' and " ~ api_loads,
            sums={'visits_in_warehouse': 'sum(visits)'}
        ),
        'rows_rejected': rows_by(
            by, ref('rejected_readings'),
            where="source = 'api' and reason not like '%the store was not open yet%'",
            sums={'visits_in_warehouse': 'null'}
        ),
        'rows_superseded': rows_by(
            by, ref('superseded_readings'),
            where="source = 'api' and visits_reported is not null",
            sums={
                'visits_in_warehouse':
                    'sum(case when visits_reported >= 0 then visits_reported end)'
            }
        ),
        'rows_deleted': rows_by(
            by, ref('deleted_readings'), sums={'visits_in_warehouse': 'null'}
        ),
    },
    sums=['visits_in_warehouse']
) }}
