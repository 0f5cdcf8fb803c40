{# avg_visits_last_4 and pct_diff: this slot against the mean of it and the three calendar slots of the
   same kind before it, over those that were measured.

   `slots_before` brings the three slots before beside each slot; `kind` is what they share, the
   weekday with it. Every slot of the calendar has its row but an hour that spring skips: where one
   of the three is not there, the third is older than 21 days, and none of them. #}
{% macro slots_before(kind) -%}
    {%- set slots = '(partition by ' ~ kind ~ ' order by traffic_date asc)' -%}
    lag(visits, 1) over {{ slots }} as visits_1,
        lag(visits, 2) over {{ slots }} as visits_2,
        lag(visits, 3) over {{ slots }} as visits_3,
        lag(traffic_date, 3) over {{ slots }} as traffic_date_3
{%- endmacro %}


{# Sum and number of the measured slots among the four, after `slots_before`. #}
{% macro last_4() -%}
    {%- set is_in_reach = 'traffic_date_3 >= ' ~ plus_days('traffic_date', -21) -%}
    coalesce(visits, 0) + coalesce(visits_1, 0) + coalesce(visits_2, 0)
        + case when {{ is_in_reach }} then coalesce(visits_3, 0) else 0 end as visits_last_4,
        case when visits is null then 0 else 1 end
        + case when visits_1 is null then 0 else 1 end
        + case when visits_2 is null then 0 else 1 end
        + case when visits_3 is not null and {{ is_in_reach }} then 1 else 0 end as slots_last_4
{%- endmacro %}


{# avg_visits_last_4 and pct_diff, after `last_4`. #}
{% macro against_usual() -%}
    {{ exact_ratio('visits_last_4', 'slots_last_4') }} as avg_visits_last_4,
        {{ exact_ratio('(visits * slots_last_4 - visits_last_4)', 'visits_last_4', 100) }}
            as pct_diff
{%- endmacro %}
