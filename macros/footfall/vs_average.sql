{# avg_visits_last_4 and pct_diff: the visits of a slot (a sensor's or store's day or hour), failed
   hours estimated, compared with the mean of it and of the three calendar slots of the same kind
   before it, over those that were measured or estimated, on days on which the store was open. #}


{# The rows that are affected, with the sum (in tenths) and number of such slots among the last four: a
   query of the columns of `rows` and these.

   rows: a relation of usual_tenths, traffic_date, is_affected and more, in which every slot of the
   calendar has its row except an hour that the clocks skip in spring: where one of the three
   earlier slots is missing, the third is older than 21 days, and none of the four. kind: the
   columns that slots of the same kind share, the weekday among them. #}
{% macro with_last_4(rows, kind) -%}
    {%- set slots = '(partition by ' ~ kind ~ ' order by traffic_date asc)' -%}
    {%- set is_third_in_range = 'traffic_date_3 >= ' ~ plus_days('traffic_date', -21) -%}
    select
        *,
        coalesce(usual_tenths, 0) + coalesce(visits_1, 0) + coalesce(visits_2, 0)
        + case when {{ is_third_in_range }} then coalesce(visits_3, 0) else 0 end as tenths_last_4,
        case when usual_tenths is null then 0 else 1 end
        + case when visits_1 is null then 0 else 1 end
        + case when visits_2 is null then 0 else 1 end
        + case when visits_3 is not null and {{ is_third_in_range }} then 1 else 0 end
            as slots_last_4
    from (
        select
            *,
            lag(usual_tenths, 1) over {{ slots }} as visits_1,
            lag(usual_tenths, 2) over {{ slots }} as visits_2,
            lag(usual_tenths, 3) over {{ slots }} as visits_3,
            lag(traffic_date, 3) over {{ slots }} as traffic_date_3
        from {{ rows }}
    ) as with_lags
    where is_affected
{%- endmacro %}


{# Select items avg_visits_last_4 and pct_diff, of rows of with_last_4(). #}
{% macro vs_average() -%}
    {{ exact_ratio('tenths_last_4', '(10 * slots_last_4)') }} as avg_visits_last_4,
        case
            when visits is not null
                then {{ exact_ratio(
                    '(usual_tenths * slots_last_4 - tenths_last_4)', 'tenths_last_4', 100
                ) }}
        end as pct_diff
{%- endmacro %}
