{# avg_visits_last_4 and pct_diff: the visits of a slot (a sensor's or store's day or hour) compared
   with the mean of it and of the three calendar slots of the same kind before it, over those that
   were measured. #}


{# The rows that are affected, with the sum and number of the measured slots among the last four: a
   query of the columns of `rows` and these.

   rows: a relation of visits, traffic_date, is_affected and more, in which every slot of the
   calendar has its row except an hour that the clocks skip in spring: where one of the three
   earlier slots is missing, the third is older than 21 days, and none of the four. kind: the
   columns that slots of the same kind share, the weekday among them. #}
{% macro with_last_4(rows, kind) -%}
    {%- set slots = '(partition by ' ~ kind ~ ' order by traffic_date asc)' -%}
    {%- set is_third_in_range = 'traffic_date_3 >= ' ~ plus_days('traffic_date', -21) -%}
    select
        *,
        coalesce(visits, 0) + coalesce(visits_1, 0) + coalesce(visits_2, 0)
        + case when {{ is_third_in_range }} then coalesce(visits_3, 0) else 0 end as visits_last_4,
        case when visits is null then 0 else 1 end
        + case when visits_1 is null then 0 else 1 end
        + case when visits_2 is null then 0 else 1 end
        + case when visits_3 is not null and {{ is_third_in_range }} then 1 else 0 end
            as slots_last_4
    from (
        select
            *,
            lag(visits, 1) over {{ slots }} as visits_1,
            lag(visits, 2) over {{ slots }} as visits_2,
            lag(visits, 3) over {{ slots }} as visits_3,
            lag(traffic_date, 3) over {{ slots }} as traffic_date_3
        from {{ rows }}
    ) as with_lags
    where is_affected
{%- endmacro %}


{# Select items avg_visits_last_4 and pct_diff, of rows of with_last_4(). #}
{% macro vs_average() -%}
    {{ exact_ratio('visits_last_4', 'slots_last_4') }} as avg_visits_last_4,
        {{ exact_ratio('(visits * slots_last_4 - visits_last_4)', 'visits_last_4', 100) }}
            as pct_diff
{%- endmacro %}
